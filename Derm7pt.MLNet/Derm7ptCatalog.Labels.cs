using Derm7pt.MLNet.Inputs;
using Microsoft.ML;

namespace Derm7pt.MLNet;

public static partial class Derm7ptCatalog
{
    /// <summary>Converts text columns of labels to the key columns that training, sampling and evaluation read.</summary>
    /// <remarks>
    /// <para>
    /// For every task, the text column with the task's name (<c>PigmentNetwork</c>) is replaced by a key column. If there is none,
    /// the key column is created from the text column that a release has for the task (<c>pigment_network</c>). A column with the
    /// task's name that already is such a key column is not changed.
    /// </para>
    /// <para>
    /// A text matches a label if it is the label's name or one of its raw values; letter case and surrounding white space are
    /// ignored. An empty text is an unknown label: its key is missing. In contrast, <c>MapValueToKey</c> with <c>keyData</c>
    /// maps all texts that are not exactly a label's name to missing keys and reports nothing.
    /// </para>
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="data">The rows.</param>
    /// <param name="taxonomy">The tasks and labels; <see cref="Taxonomy.Derm7pt"/> if null.</param>
    /// <param name="onUnknownLabel">
    /// Receives a sentence for each text that matches no label, with the column, the text, its zero-based rows and the accepted
    /// texts. The labels of these rows are missing. If null, such texts cause an exception.
    /// </param>
    /// <returns>The same rows; labels are mapped when they are read.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Columns are missing or of another type; the message names all of them.</exception>
    /// <exception cref="InvalidDataException">
    /// Texts match no label and <paramref name="onUnknownLabel"/> is null; the message names them.
    /// </exception>
    public static IDataView MapDerm7ptLabels(
        this DataOperationsCatalog catalog, IDataView data, Taxonomy? taxonomy = null, Action<string>? onUnknownLabel = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        taxonomy ??= Taxonomy.Derm7pt;
        IReadOnlyList<LabelTextColumn> columns = LabelColumns.BindTexts(data.Schema, taxonomy);
        if (columns.Count == 0)
            return data;

        UnknownLabels unknown = UnknownLabels.Find(data, columns);
        if (onUnknownLabel is null)
            unknown.ThrowIfAny($"The data has texts that are no labels of the taxonomy '{taxonomy.Name}':");
        else
            unknown.Descriptions.ToList().ForEach(onUnknownLabel);
        return new MappedLabels(data, columns);
    }
}
