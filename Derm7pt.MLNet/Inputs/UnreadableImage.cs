using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Says which image could not be read: ML.NET's own stages do not, and none knows the row.</summary>
internal static class UnreadableImage
{
    /// <summary>Wraps what a getter threw. The row is looked up anew by its id, so that reading pays nothing for it.</summary>
    /// <param name="data">Where the row is.</param>
    /// <param name="pixels">The column that could not be read.</param>
    /// <param name="id">The row.</param>
    /// <param name="inner">What was thrown. Where it names the file, the row's files are not listed.</param>
    public static InvalidDataException Describe(IDataView data, PixelColumn pixels, DataViewRowId id, Exception inner)
    {
        (long row, string[] files) = Find(data, id);
        string where = files.Length == 0 || files.Any(inner.Message.Contains) ? "" : $" ({string.Join(", ", files)})";
        return new InvalidDataException(Invariant($"{(row < 0 ? "A row" : Invariant($"Row {row}"))}{where}: column '{pixels.Column.Name}' could not be read: {inner.Message}"), inner);
    }

    private static (long Row, string[] Files) Find(IDataView data, DataViewRowId wanted)
    {
        DataViewSchema.Column[] texts = [.. data.Schema.Where(column => !column.IsHidden && column.Type is TextDataViewType)];
        using DataViewRowCursor cursor = data.GetRowCursor(texts);
        ValueGetter<DataViewRowId> idGetter = cursor.GetIdGetter();
        ValueGetter<ReadOnlyMemory<char>>[] getters = Array.ConvertAll(texts, cursor.GetGetter<ReadOnlyMemory<char>>);
        while (cursor.MoveNext())
        {
            DataViewRowId id = default;
            idGetter(ref id);
            if (id.Equals(wanted))
                return (cursor.Position, [.. getters.Select(Text).Where(File.Exists)]);
        }

        return (-1, []);
    }

    private static string Text(ValueGetter<ReadOnlyMemory<char>> getter)
    {
        ReadOnlyMemory<char> text = default;
        getter(ref text);
        return text.ToString();
    }
}
