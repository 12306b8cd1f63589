using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>Reads columns of a view to the end, like a consumer of the predictions.</summary>
internal static class Drain
{
    /// <summary>Reads every value of the columns.</summary>
    public static void All(IDataView data, IReadOnlyList<string> columns)
    {
        using DataViewRowCursor cursor = data.GetRowCursor(columns.Select(name => data.Schema[name]));
        Action[] reads = [.. columns.Select(name => Reader(cursor, data.Schema[name]))];
        while (cursor.MoveNext())
            Array.ForEach(reads, read => read());
    }

    /// <summary>Reads vectors of numbers, and keeps them: for each row those of all columns, one after the other.</summary>
    public static List<float[]> Keep(IDataView data, IReadOnlyList<string> columns)
    {
        var rows = new List<float[]>();
        using DataViewRowCursor cursor = data.GetRowCursor(columns.Select(name => data.Schema[name]));
        ValueGetter<VBuffer<float>>[] getters = [.. columns.Select(name => cursor.GetGetter<VBuffer<float>>(data.Schema[name]))];
        VBuffer<float> value = default;
        while (cursor.MoveNext())
        {
            rows.Add([.. getters.SelectMany(getter =>
            {
                getter(ref value);
                return value.DenseValues().ToArray();
            })]);
        }

        return rows;
    }

    private static Action Reader(DataViewRowCursor cursor, DataViewSchema.Column column) => column.Type switch
    {
        VectorDataViewType { ItemType.RawType: var raw } when raw == typeof(long) => Reader<VBuffer<long>>(cursor, column),
        VectorDataViewType => Reader<VBuffer<float>>(cursor, column),
        KeyDataViewType => Reader<uint>(cursor, column),
        _ => Reader<float>(cursor, column),
    };

    private static Action Reader<TValue>(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        ValueGetter<TValue> getter = cursor.GetGetter<TValue>(column);
        TValue value = default!;
        return () => getter(ref value);
    }
}
