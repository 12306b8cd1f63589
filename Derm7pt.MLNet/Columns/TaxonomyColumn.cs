using Derm7pt.MLNet.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Columns;

/// <summary>
/// The column by which a taxonomy travels with scored data: a key without values in its rows, whose only key value is the taxonomy as
/// JSON. It is hidden by the text column of the last task, which has the same name.
/// </summary>
/// <remarks>
/// ML.NET's own stages can produce such a column, so that a model loaded where this library is not installed passes the taxonomy
/// on too; there is no such way for an annotation of an invented kind.
/// </remarks>
internal static class TaxonomyColumn
{
    public static KeyDataViewType Type { get; } = new(typeof(uint), count: 1);

    public static string Name(Taxonomy taxonomy) => ColumnNames.PredictedLabelText(taxonomy.Tasks[^1]);

    /// <summary>The key value: the form of model files, in which also the taxonomy of an old file is read back.</summary>
    public static string Value(Taxonomy taxonomy) => TaxonomyJson.WriteStored(taxonomy);

    /// <summary>Finds the taxonomies with which data were scored, the last one first.</summary>
    /// <returns>None where the data were not scored by a multi-task stage, or their hidden columns were dropped.</returns>
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
            // A user's own key column of one value.
            return null;
        }
    }
}
