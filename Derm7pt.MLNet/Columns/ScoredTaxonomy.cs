using Derm7pt.MLNet.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Columns;

/// <summary>Represents the taxonomy with which scored data are read, and its origin.</summary>
/// <param name="Taxonomy">The tasks and labels.</param>
/// <param name="Origin">The origin of the taxonomy, as it follows its name in messages.</param>
internal sealed record ScoredTaxonomy(Taxonomy Taxonomy, string Origin)
{
    /// <summary>The advice in messages about a taxonomy that is not that of the data.</summary>
    public const string Advice = "Pass the taxonomy of the model that scored them.";

    private const string ScoreSuffix = "Score", LabelSuffix = "PredictedLabel";

    /// <summary>The description of the taxonomy in messages.</summary>
    public string Description =>
        $"the taxonomy '{Taxonomy.Name}', {Origin}, which has the tasks {string.Join(", ", Taxonomy.Tasks.Select(task => task.Name))}";

    /// <summary>Chooses the taxonomy that was passed, or else the one stored with the data, or else the built-in one.</summary>
    /// <param name="schema">The columns of scored data.</param>
    /// <param name="taxonomy">The taxonomy that was passed, if any.</param>
    /// <exception cref="ArgumentOutOfRangeException">The taxonomy that was passed is not one of those stored with the data.</exception>
    public static ScoredTaxonomy Choose(DataViewSchema schema, Taxonomy? taxonomy)
    {
        // If several models scored the data, the last taxonomy comes first.
        Taxonomy[] travelling = [.. TaxonomyColumn.FindAll(schema)];
        if (taxonomy is null)
        {
            return travelling.Length > 0
                ? new ScoredTaxonomy(travelling[0], "with which the data were scored")
                : new ScoredTaxonomy(Taxonomy.Derm7pt, "the built-in one as none was passed and none travels with the data");
        }

        if (travelling.Length > 0 && travelling.All(other => TaxonomyDifference.Describe(taxonomy, other).Count > 0))
        {
            throw new ArgumentOutOfRangeException(
                nameof(taxonomy),
                $"The taxonomy '{taxonomy.Name}' that was passed is not the one with which the data were scored, '{travelling[0].Name}': " +
                $"{string.Join("; ", TaxonomyDifference.Describe(taxonomy, travelling[0]))}. " +
                "Pass none, as that of the model travels with the data.");
        }

        return new ScoredTaxonomy(taxonomy, "which was passed");
    }

    /// <summary>Checks that the data have been scored for a task of the taxonomy.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The data have not been scored for such a task; the message names the scored tasks and the remedy.</exception>
    public void CheckScored(DataViewSchema schema)
    {
        string[] scored = [.. schema.Select(TaskOf).OfType<string>().Distinct()];
        if (Taxonomy.Tasks.Any(task => scored.Contains(task.Name)))
            return;
        string example = ColumnNames.Score(Taxonomy.Tasks[0]);
        throw new ArgumentOutOfRangeException(
            nameof(schema),
            scored.Length == 0
                ? $"The data are not scored: there is no column such as '{example}'. Transform them with a model first."
                : $"The data are scored for {string.Join(", ", scored)}, none of which is a task of {Description}. {Advice}");
    }

    /// <summary>Creates the exception for columns that do not match the taxonomy.</summary>
    public ArgumentOutOfRangeException Misfit(DataViewSchema schema, IEnumerable<string> problems) => new(
        nameof(schema), string.Join(Environment.NewLine, problems.Prepend($"The data do not fit {Description}.")));

    /// <summary>Gets the name of the task to which a column of scored data belongs, by the column's name and type.</summary>
    private static string? TaskOf(DataViewSchema.Column column)
    {
        string suffix = column.Type switch
        {
            VectorDataViewType { ItemType: NumberDataViewType } => ScoreSuffix,
            KeyDataViewType => LabelSuffix,
            _ => "",
        };
        return suffix.Length > 0 && column.Name.Length > suffix.Length && column.Name.EndsWith(suffix, StringComparison.Ordinal)
            ? column.Name[..^suffix.Length]
            : null;
    }
}
