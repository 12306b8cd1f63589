using Derm7pt.MLNet.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Columns;

/// <summary>
/// Represents the column that stores the taxonomy with scored data: a key column without values in its rows, whose only key value is
/// the taxonomy as JSON. The text column of the last task, which has the same name, hides it.
/// </summary>
/// <remarks>
/// ML.NET's own stages can produce such a column, so that a model that is loaded without this library passes the taxonomy on too.
/// They cannot produce an annotation of a custom kind.
/// </remarks>
internal static class TaxonomyColumn
{
    public static KeyDataViewType Type { get; } = new(typeof(uint), count: 1);

    public static string Name(Taxonomy taxonomy) => ColumnNames.PredictedLabelText(taxonomy.Tasks[^1]);

    /// <summary>Creates the key value: the taxonomy in the JSON form of model files, which can represent the taxonomies of old files too.</summary>
    public static string Value(Taxonomy taxonomy) => TaxonomyJson.WriteStored(taxonomy);

    /// <summary>Finds the taxonomies with which data were scored, the last one first.</summary>
    /// <returns>The taxonomies; none if the data were not scored by a multi-task stage, or if their hidden columns were dropped.</returns>
    public static IEnumerable<Taxonomy> FindAll(DataViewSchema schema) => schema.Reverse().Select(Read).OfType<Taxonomy>();

    private static Taxonomy? Read(DataViewSchema.Column column)
    {
        if (!column.IsHidden || !column.Type.Equals(Type) || !column.HasKeyValues())
            return null;
        VBuffer<ReadOnlyMemory<char>> values = default;
        column.GetKeyValues(ref values);
        try
        {
            Taxonomy taxonomy = TaxonomyJson.Read(values.GetItemOrDefault(0).ToString(), isStored: true);
            return Name(taxonomy) == column.Name ? taxonomy : null;
        }
        catch (FormatException)
        {
            // The column is a user's own key column with one value.
            return null;
        }
    }
}
