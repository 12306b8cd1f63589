using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Scoring;

/// <summary>
/// Rows with predictions, computed lazily and batch by batch: <see cref="ScoredBatches"/> runs ahead of the cursor that passes
/// the input's columns on.
/// </summary>
internal sealed class ScoredDataView(IDataView input, PixelColumn pixels, PredictionColumns columns, IScorer scorer, int batchSize)
    : IDataView
{
    // Several cursors over the input must see the same order.
    public bool CanShuffle => false;

    public DataViewSchema Schema => columns.OutputSchema;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        DataViewRowCursor passed = input.GetRowCursor(columns.Passed(needed));
        ScoredBatches? ahead = null;
        try
        {
            ahead = needed.Any(columns.IsPrediction) ? new ScoredBatches(input, pixels, scorer, batchSize) : null;
            return new Cursor(this, passed, ahead, needed);
        }
        catch
        {
            ahead?.Dispose();
            passed.Dispose();
            throw;
        }
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly ScoredDataView _view;
        private readonly DataViewRowCursor _passed;
        private readonly ScoredBatches? _ahead;
        private readonly bool[] _active;
        private readonly ValueGetter<DataViewRowId> _passedId;
        private ScoredBatch? _batch;
        private int _indexInBatch;

        public Cursor(ScoredDataView view, DataViewRowCursor passed, ScoredBatches? ahead, DataViewSchema.Column[] needed)
        {
            (_view, _passed, _ahead) = (view, passed, ahead);
            _passedId = passed.GetIdGetter();
            _active = new bool[view.Schema.Count];
            foreach (DataViewSchema.Column column in needed)
                _active[column.Index] = true;
        }

        public override DataViewSchema Schema => _view.Schema;

        public override long Position => _passed.Position;

        public override long Batch => _passed.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() => _passed.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new ArgumentOutOfRangeException(nameof(column), column.Name, "The column is not active in this cursor.");
            return _view.Columns.IsPrediction(column)
                ? _view.Columns.GetGetter<TValue>(column, () => _batch!.Predictions[_indexInBatch])
                : _passed.GetGetter<TValue>(_view.Columns.InputSchema[column.Index]);
        }

        public override bool MoveNext()
        {
            if (!_passed.MoveNext())
                return false;
            if (_ahead is null)
                return true;
            if (_batch is null || ++_indexInBatch >= _batch.Count)
            {
                _batch = _ahead.Next()
                    ?? throw new InvalidOperationException("The input gave fewer rows to a second cursor than to the first.");
                _indexInBatch = 0;
            }

            CheckSameRow(_batch);
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _ahead?.Dispose();
                _passed.Dispose();
            }

            base.Dispose(disposing);
        }

        // A view that gives its rows in another order each time would get the predictions of other rows.
        private void CheckSameRow(ScoredBatch batch)
        {
            DataViewRowId id = default;
            _passedId(ref id);
            if (!id.Equals(batch.Ids[_indexInBatch]))
                throw new InvalidOperationException(RowOrder.Changed);
        }
    }

    private PredictionColumns Columns => columns;
}
