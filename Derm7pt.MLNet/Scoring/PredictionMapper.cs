using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Scoring;

/// <summary>Adds predictions to single rows, as PredictionEngine needs it.</summary>
internal sealed class PredictionMapper(PixelColumn pixels, PredictionColumns columns, IScorer scorer) : IRowToRowMapper
{
    public DataViewSchema InputSchema => columns.InputSchema;

    public DataViewSchema OutputSchema => columns.OutputSchema;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        DataViewSchema.Column[] depending = [.. dependingColumns];
        IEnumerable<DataViewSchema.Column> passed = columns.Passed(depending);
        return depending.Any(columns.IsPrediction) ? passed.Append(pixels.Column).DistinctBy(column => column.Index) : passed;
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new Row(input, this, [.. activeColumns.Select(column => column.Index)]);
    }

    private PixelColumn Pixels => pixels;

    private PredictionColumns Columns => columns;

    private IScorer Scorer => scorer;

    private sealed class Row : DataViewRow
    {
        private readonly DataViewRow _input;
        private readonly PredictionMapper _mapper;
        private readonly HashSet<int> _active;
        private readonly PixelReader? _reader;
        private readonly float[] _pixels = [];
        private Prediction? _prediction;
        private long _scored = long.MinValue;

        public Row(DataViewRow input, PredictionMapper mapper, HashSet<int> active)
        {
            (_input, _mapper, _active) = (input, mapper, active);
            if (active.Any(index => mapper.Columns.IsPrediction(mapper.OutputSchema[index])))
            {
                _reader = mapper.Pixels.Open(input);
                _pixels = new float[mapper.Pixels.Length];
            }
        }

        public override DataViewSchema Schema => _mapper.OutputSchema;

        public override long Position => _input.Position;

        public override long Batch => _input.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new ArgumentOutOfRangeException(nameof(column), column.Name, "The column is not active in this row.");
            return _mapper.Columns.IsPrediction(column)
                ? _mapper.Columns.GetGetter<TValue>(column, Current)
                : _input.GetGetter<TValue>(_mapper.InputSchema[column.Index]);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _reader?.Dispose();
                _input.Dispose();
            }

            base.Dispose(disposing);
        }

        // There is one forward pass per row for any number of output columns.
        private Prediction Current()
        {
            if (_prediction is null || _scored != _input.Position)
            {
                _reader!.Read(_pixels);
                _prediction = _mapper.Scorer.Score(_pixels, 1)[0];
                _scored = _input.Position;
            }

            return _prediction;
        }
    }
}
