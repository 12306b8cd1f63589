using Derm7pt.MLNet.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Scoring;

/// <summary>
/// Rows with predictions, computed lazily and batch by batch: one cursor over the pixels runs a batch ahead of the one
/// that passes the input's columns on.
/// </summary>
internal sealed class ScoredDataView(IDataView input, PixelColumn pixels, PredictionColumns columns, IScorer scorer, int batchSize)
    : IDataView
{
    // Two cursors over the input must see the same order.
    public bool CanShuffle => false;

    public DataViewSchema Schema => columns.OutputSchema;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        DataViewRowCursor passed = input.GetRowCursor(columns.Passed(needed));
        DataViewRowCursor? ahead = null;
        try
        {
            ahead = needed.Any(columns.IsPrediction) ? input.GetRowCursor([pixels.Column]) : null;
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
        private readonly DataViewRowCursor? _ahead;
        private readonly PixelReader? _reader;
        private readonly bool[] _active;
        private readonly float[] _pixels = [];
        private readonly ValueGetter<DataViewRowId> _passedId;
        private readonly ValueGetter<DataViewRowId>? _aheadId;
        private readonly DataViewRowId[] _ids;
        private Prediction[] _batch = [];
        private int _indexInBatch = -1;

        public Cursor(ScoredDataView view, DataViewRowCursor passed, DataViewRowCursor? ahead, DataViewSchema.Column[] needed)
        {
            (_view, _passed, _ahead) = (view, passed, ahead);
            (_passedId, _aheadId) = (passed.GetIdGetter(), ahead?.GetIdGetter());
            _ids = new DataViewRowId[view.BatchSize];
            _active = new bool[view.Schema.Count];
            foreach (DataViewSchema.Column column in needed)
                _active[column.Index] = true;
            if (ahead is not null)
            {
                _reader = view.Pixels.Open(ahead, view.Input);
                _pixels = new float[view.BatchSize * view.Pixels.Length];
            }
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
                ? _view.Columns.GetGetter<TValue>(column, () => _batch[_indexInBatch])
                : _passed.GetGetter<TValue>(_view.Columns.InputSchema[column.Index]);
        }

        public override bool MoveNext()
        {
            if (!_passed.MoveNext())
                return false;
            if (_ahead is not null && ++_indexInBatch >= _batch.Length)
            {
                ScoreNextBatch();
                _indexInBatch = 0;
            }

            if (_ahead is not null)
                CheckSameRow();

            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _reader?.Dispose();
                _ahead?.Dispose();
                _passed.Dispose();
            }

            base.Dispose(disposing);
        }

        // A view that gives its rows in another order each time would get the predictions of other rows.
        private void CheckSameRow()
        {
            DataViewRowId id = default;
            _passedId(ref id);
            if (!id.Equals(_ids[_indexInBatch]))
                throw new InvalidOperationException("The input gave its rows in another order to a second cursor. Cache it before this stage.");
        }

        private void ScoreNextBatch()
        {
            int count = 0;
            int length = _view.Pixels.Length;
            while (count < _view.BatchSize && _ahead!.MoveNext())
            {
                _aheadId!(ref _ids[count]);
                _reader!.Read(_pixels.AsSpan(count++ * length, length));
            }

            if (count == 0)
                throw new InvalidOperationException("The input gave fewer rows to a second cursor than to the first.");
            _batch = _view.Scorer.Score(_pixels, count);
        }
    }

    private IDataView Input => input;

    private PixelColumn Pixels => pixels;

    private PredictionColumns Columns => columns;

    private IScorer Scorer => scorer;

    private int BatchSize => batchSize;
}
