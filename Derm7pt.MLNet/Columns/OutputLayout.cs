using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Columns;

/// <summary>
/// Lists the columns that scoring adds, in order: for each task the score, the predicted label and its text, then the gates, the
/// seven-point score and the melanoma probability, each only if the network or the taxonomy defines it.
/// </summary>
/// <remarks>
/// This is the only list of these columns. The scorer, the exported graph, the saved pipeline, the evaluation and the output schema
/// of the estimator use it, so that a stage in memory and a stage loaded from a file produce the same columns.
/// </remarks>
internal sealed class OutputLayout
{
    private OutputLayout(Taxonomy taxonomy, ImmutableArray<OutputColumn> columns) => (Taxonomy, Columns) = (taxonomy, columns);

    public Taxonomy Taxonomy { get; }

    public ImmutableArray<OutputColumn> Columns { get; }

    /// <summary>The columns whose value is a single number that the graph computes from those of the tasks, by their index.</summary>
    public IEnumerable<OutputColumn> Derived => Columns.Where(column => column.IsDerived);

    /// <summary>The column of the gates; <see langword="null"/> if the network has none.</summary>
    public OutputColumn? Gates => Columns.FirstOrDefault(column => column.Kind == OutputKind.Gates);

    /// <summary>Defines the columns.</summary>
    /// <param name="taxonomy">The tasks and labels.</param>
    /// <param name="gateChannels">For each block the channels of a task that have gates; empty if the network has no gates.</param>
    public static OutputLayout Create(Taxonomy taxonomy, IEnumerable<int> gateChannels)
    {
        var columns = ImmutableArray.CreateBuilder<OutputColumn>();
        for (int task = 0; task < taxonomy.Tasks.Count; task++)
        {
            ClassificationTask definition = taxonomy.Tasks[task];
            string[] labels = [.. definition.Labels.Select(label => label.Name)];
            columns.Add(new OutputColumn(ColumnNames.Score(definition), OutputKind.Score, task, labels));
            columns.Add(new OutputColumn(ColumnNames.PredictedLabel(definition), OutputKind.PredictedLabel, task, labels));
            if (task == taxonomy.Tasks.Count - 1)
                columns.Add(new OutputColumn(TaxonomyColumn.Name(taxonomy), OutputKind.Taxonomy, task, [TaxonomyColumn.Value(taxonomy)]));
            columns.Add(new OutputColumn(ColumnNames.PredictedLabelText(definition), OutputKind.PredictedLabelText, task, labels));
        }

        ImmutableArray<string> slots = GateSlotNames.Create(taxonomy, [.. gateChannels]);
        if (!slots.IsEmpty)
            columns.Add(new OutputColumn(ColumnNames.GateAlphas, OutputKind.Gates, Index: 0, slots));
        int derived = 0;
        if (HasLabelScores(taxonomy))
            columns.Add(new OutputColumn(ColumnNames.SevenPointScore, OutputKind.LabelScoreSum, derived++, []));
        if (HasMelanomaLabels(taxonomy))
            columns.Add(new OutputColumn(ColumnNames.MelanomaProbability, OutputKind.LabelSetProbability, derived, []));
        return new OutputLayout(taxonomy, columns.ToImmutable());
    }

    /// <summary>Determines whether a label of the taxonomy counts in the seven-point score.</summary>
    public static bool HasLabelScores(Taxonomy taxonomy) =>
        taxonomy.Tasks.Any(task => task.Labels.Any(label => label.Score != 0));

    /// <summary>Determines whether the taxonomy has a diagnosis with labels that mean melanoma.</summary>
    public static bool HasMelanomaLabels(Taxonomy taxonomy) =>
        taxonomy.Diagnosis?.Labels.Any(label => label.IsMelanoma) ?? false;

    /// <summary>The columns that a reader of the schema sees: all but the one that another of the same name hides.</summary>
    public IEnumerable<OutputColumn> Visible => Columns.Where(column => column.Kind != OutputKind.Taxonomy);

    /// <summary>The columns for a schema.</summary>
    /// <param name="inputSchema">
    /// The columns there are already: the columns of each task receive a separate score set, numbered after the existing ones.
    /// </param>
    public IEnumerable<DataViewSchema.DetachedColumn> ToColumns(DataViewSchema inputSchema)
    {
        uint last = LastSetId(inputSchema);
        return Columns.Select(column => column.ToColumn(last));
    }

    private static uint LastSetId(DataViewSchema schema)
    {
        uint last = 0;
        foreach (DataViewSchema.Column column in schema)
        {
            DataViewType? type = column.Annotations.Schema.GetColumnOrNull(OutputColumn.ScoreColumnSetId)?.Type;
            if (type is KeyDataViewType && type.RawType == typeof(uint))
            {
                uint id = 0;
                column.Annotations.GetValue(OutputColumn.ScoreColumnSetId, ref id);
                last = Math.Max(last, id);
            }
        }

        return last;
    }
}
