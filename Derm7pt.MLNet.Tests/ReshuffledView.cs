using Microsoft.ML;

namespace Derm7pt.MLNet.Tests;

/// <summary>Returns its rows in a new order each time, as a view over a query may.</summary>
internal sealed class ReshuffledView(IDataView source) : IDataView
{
    private int _seed;

    public bool CanShuffle => false;

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        source.GetRowCursor(columnsNeeded, new Random(++_seed));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
