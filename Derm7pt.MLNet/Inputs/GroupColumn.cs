using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Reads the column that identifies groups of rows, such as the rows of one patient.</summary>
internal static class GroupColumn
{
    /// <summary>Reads the groups of all rows, in order.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="name">The name of a column of texts, keys or whole numbers.</param>
    /// <returns>For each row the number of its group. A row without a value is a separate group.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or has another type.</exception>
    public static int[] Read(IDataView data, string name)
    {
        if (data.Schema.GetColumnOrNull(name) is not { } column)
        {
            throw new ArgumentOutOfRangeException(
                nameof(name), name,
                $"Could not find group column '{name}'. The data have {string.Join(", ", data.Schema.Where(c => !c.IsHidden).Select(c => c.Name))}.");
        }

        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        Func<object?> getter = Getter(cursor, column);
        var numbers = new Dictionary<object, int>();
        var groups = new List<int>();
        int next = 0;
        while (cursor.MoveNext())
        {
            object? value = getter();
            int group = next;
            if (value is not null && !numbers.TryAdd(value, next))
                group = numbers[value];
            else
                next++;
            groups.Add(group);
        }

        return [.. groups];
    }

    private static Func<object?> Getter(DataViewRow row, DataViewSchema.Column column)
    {
        return column.Type switch
        {
            TextDataViewType => Values<ReadOnlyMemory<char>>(text => text.IsEmpty ? null : text.ToString()),
            KeyDataViewType { RawType: var raw } when raw == typeof(uint) => Values<uint>(key => key == 0 ? null : key),
            NumberDataViewType { RawType: var raw } when raw == typeof(int) => Values<int>(number => number),
            NumberDataViewType { RawType: var raw } when raw == typeof(long) => Values<long>(number => number),
            var other => throw new ArgumentOutOfRangeException(
                nameof(column), column.Name,
                $"Schema mismatch for group column '{column.Name}': expected text, a key of UInt32, Int32 or Int64, got {other}."),
        };

        Func<object?> Values<T>(Func<T, object?> convert)
        {
            ValueGetter<T> getter = row.GetGetter<T>(column);
            T value = default!;
            return () =>
            {
                getter(ref value);
                return convert(value);
            };
        }
    }
}
