using Derm7pt.MLNet.Inputs;
using Microsoft.ML;

namespace Derm7pt.MLNet;

public static partial class Derm7ptCatalog
{
    /// <summary>Turns text columns of labels into the key columns that training, sampling and evaluation read.</summary>
    /// <remarks>
    /// <para>
    /// For every task, the text column with its name (<c>PigmentNetwork</c>) is replaced by a key column; if there is none, the
    /// key column is made of the text column that a release has for it (<c>pigment_network</c>). A column with the task's name that
    /// is such a key column already stays as it is.
    /// </para>
    /// <para>
    /// A text stands for a label if it is the label's name or one of its raw values, whatever its letter case and the white space
    /// around it. An empty text is a label that is not known: its key is missing. <c>MapValueToKey</c> with <c>keyData</c> makes
    /// missing keys of all texts that are not exactly a label's name, without a word.
    /// </para>
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="data">The rows.</param>
    /// <param name="taxonomy">The tasks and labels; <see cref="Taxonomy.Derm7pt"/> if null.</param>
    /// <param name="onUnknownLabel">
    /// Receives a sentence for each text that stands for no label: the column, the text, its rows (counted from 0) and the texts
    /// that would. Its labels are then missing. Where null, such texts are an error.
    /// </param>
    /// <returns>The same rows; labels are mapped as they are read.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Columns are missing or of another type; the message names all of them.</exception>
    /// <exception cref="InvalidDataException">
    /// Texts stand for no label and <paramref name="onUnknownLabel"/> is null; the message names them.
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
