using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests;

/// <summary>Counts the cursors that are open on a view.</summary>
/// <param name="source">The view.</param>
/// <param name="cursorLimit">The maximum number of cursors; opening more throws an exception.</param>
internal sealed class WatchedView(IDataView source, int cursorLimit = int.MaxValue) : IDataView
{
    private int _opened;
    private int _open;

    /// <summary>Gets the number of cursors that have not been disposed.</summary>
    public int OpenCursors => _open;

    /// <summary>Gets the number of all cursors that have been opened.</summary>
    public int OpenedCursors => _opened;

    public bool CanShuffle => false;

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        if (Interlocked.Increment(ref _opened) > cursorLimit)
            throw new IOException("No more cursors.");
        Interlocked.Increment(ref _open);
        return new Cursor(this, source.GetRowCursor(columnsNeeded, rand));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(WatchedView view, DataViewRowCursor inner) : DataViewRowCursor
    {
        private bool _disposed;

        public override DataViewSchema Schema => inner.Schema;

        public override long Position => inner.Position;

        public override long Batch => inner.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => inner.IsColumnActive(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => inner.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => inner.GetGetter<TValue>(column);

        public override bool MoveNext() => inner.MoveNext();

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                _disposed = true;
                Interlocked.Decrement(ref view._open);
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
