using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Identifies an image that could not be read. The exceptions of ML.NET's stages do not contain the row.</summary>
internal static class UnreadableImage
{
    /// <summary>Wraps the exception of a getter. The row is looked up by its id only now, so that it does not slow down reading.</summary>
    /// <param name="data">The data that contain the row.</param>
    /// <param name="pixels">The column that could not be read.</param>
    /// <param name="id">The id of the row.</param>
    /// <param name="inner">The exception. If its message contains a file of the row, the files are not listed again.</param>
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
