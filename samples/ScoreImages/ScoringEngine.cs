using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace ScoreImages;

/// <summary>
/// Scores one image after another, like a PredictionEngine, but with output columns that are known at run time only.
/// One thread at a time may use it.
/// </summary>
internal sealed class ScoringEngine : IDisposable
{
    private readonly ImageRow _input;
    private readonly DataViewRow _output;
    private readonly Func<OutputValue>[] _readers;

    public ScoringEngine(IRowToRowMapper mapper, IReadOnlyList<OutputColumn> outputs)
    {
        _input = new ImageRow(mapper.InputSchema);
        _output = mapper.GetRow(_input, outputs.Select(output => output.Column));
        _readers = [.. outputs.Select(output => output.Open(_output))];
    }

    public OutputValue[] Score(DecodedImage image)
    {
        _input.MoveTo(image);
        return [.. _readers.Select(read => read())];
    }

    public void Dispose() => _output.Dispose();

    /// <summary>The model's input: a row with one column, the image or its path.</summary>
    private sealed class ImageRow(DataViewSchema schema) : DataViewRow
    {
        private DecodedImage? _image;
        private long _position = -1;

        public override DataViewSchema Schema => schema;

        // ML.NET's stages compute their values again when the position changes.
        public override long Position => _position;

        public override long Batch => 0;

        public void MoveTo(DecodedImage image)
        {
            _image = image;
            _position++;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<DataViewRowId> GetIdGetter() =>
            (ref DataViewRowId value) => value = new DataViewRowId((ulong)_position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Delegate getter = column.Type is ImageDataViewType ? ImageGetter() : PathGetter();
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column '{column.Name}' has no values of type {typeof(TValue)}.");
        }

        private ValueGetter<MLImage> ImageGetter() => (ref MLImage value) =>
        {
            value?.Dispose();
            value = _image!.ToMLImage();
        };

        private ValueGetter<ReadOnlyMemory<char>> PathGetter() =>
            (ref ReadOnlyMemory<char> value) => value = Path.GetFullPath(_image!.File).AsMemory();
    }
}

/// <summary>A pool of engines for many threads, which creates as many as are in use at once and reuses them.</summary>
internal sealed class EnginePool(ImageModel model) : IDisposable
{
    private readonly ConcurrentBag<ScoringEngine> _idle = [];

    public ScoringEngine Rent() => _idle.TryTake(out ScoringEngine? engine) ? engine : model.CreateEngine();

    public void Return(ScoringEngine engine) => _idle.Add(engine);

    public void Dispose()
    {
        while (_idle.TryTake(out ScoringEngine? engine))
            engine.Dispose();
    }
}
