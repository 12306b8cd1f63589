using Microsoft.ML.OnnxRuntime;

namespace Derm7pt.MLNet.Scoring;

/// <summary>Scores with ONNX Runtime: the very graph that is saved, so that a loaded model cannot differ from the live one.</summary>
internal sealed class OnnxScorer : IScorer
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly Taxonomy _taxonomy;
    private readonly string[] _outputs;
    private readonly int _height;
    private readonly int _width;
    private readonly Lock _lock = new();
    private int _running;
    private bool _disposed;

    /// <param name="onnxModel">A graph as OnnxGraphWriter writes it.</param>
    /// <param name="taxonomy">The tasks.</param>
    /// <param name="height">Image height in pixels.</param>
    /// <param name="width">Image width in pixels.</param>
    public OnnxScorer(byte[] onnxModel, Taxonomy taxonomy, int height, int width)
    {
        (_taxonomy, _height, _width) = (taxonomy, height, width);
        OnnxTelemetry.DisableEvents();
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            // Whoever has several images scores them on threads of his own. Threads within an image would have to wait for each
            // other at every node, and be one pool for each of those threads.
            IntraOpNumThreads = 1,
        };
        _session = new InferenceSession(onnxModel, options);
        _outputs = [.. taxonomy.Tasks.Select(ColumnNames.Score)];
    }

    /// <exception cref="ObjectDisposedException">The scorer, and so the transformer that holds it, has been disposed.</exception>
    public Prediction[] Score(float[] pixels, int count)
    {
        Enter();
        try
        {
            return Run(pixels, count);
        }
        finally
        {
            Leave();
        }
    }

    private Prediction[] Run(float[] pixels, int count)
    {
        long[] shape = [count, Data.PixelColumn.Channels, _height, _width];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, pixels.AsMemory(0, checked((int)(shape[0] * shape[1] * shape[2] * shape[3]))), shape);
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_runOptions, [ColumnNames.Pixels], [input], _outputs);

        var predictions = new Prediction[count];
        for (int i = 0; i < count; i++)
            predictions[i] = new Prediction(_taxonomy, new float[_outputs.Length][]);
        for (int task = 0; task < _outputs.Length; task++)
        {
            ReadOnlySpan<float> scores = results[task].GetTensorDataAsSpan<float>();
            int labels = _taxonomy.Tasks[task].Labels.Count;
            for (int i = 0; i < count; i++)
                predictions[i].Scores[task] = scores.Slice(i * labels, labels).ToArray();
        }

        return predictions;
    }

    /// <summary>Frees the session once the calls that use it have ended.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            if (_running == 0)
                Release();
        }
    }

    // ONNX Runtime does not check: a session that is used after it was freed, or freed while it is used, ends the process.
    private void Enter()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Derm7ptMultiTaskTransformer));
            _running++;
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_running == 0 && _disposed)
                Release();
        }
    }

    private void Release()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }
}
