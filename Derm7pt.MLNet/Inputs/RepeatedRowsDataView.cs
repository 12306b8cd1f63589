using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Represents the rows of another view, in its order, each repeated a specified number of times.</summary>
internal sealed class RepeatedRowsDataView(IDataView input, int[] timesOfRow) : IDataView
{
    // The number of repetitions belongs to a row's position in the original order of the input.
    public bool CanShuffle => false;

    public DataViewSchema Schema => input.Schema;

    public long? GetRowCount() => timesOfRow.Sum(times => (long)times);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(input.GetRowCursor(columnsNeeded), timesOfRow);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewRowCursor source, int[] timesOfRow) : DataViewRowCursor
    {
        private long _position = -1;
        private int _repetition;
        private int _left;

        public override DataViewSchema Schema => source.Schema;

        public override long Position => _position;

        public override long Batch => source.Batch;

        public override bool MoveNext()
        {
            if (_left > 0)
                _repetition++;
            else
            {
                do
                {
                    if (!source.MoveNext())
                    {
                        _position = -1;
                        return false;
                    }

                    _left = timesOfRow[source.Position];
                }
                while (_left == 0);
                _repetition = 0;
            }

            _left--;
            _position++;
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => source.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => source.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter()
        {
            ValueGetter<DataViewRowId> sourceId = source.GetIdGetter();
            return (ref DataViewRowId id) =>
            {
                sourceId(ref id);
                id = id.Combine(new DataViewRowId((ulong)_repetition, 0));
            };
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                source.Dispose();
            base.Dispose(disposing);
        }
    }
}
