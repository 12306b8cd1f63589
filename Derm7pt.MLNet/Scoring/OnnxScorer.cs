using System.Numerics.Tensors;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Derm7pt.MLNet.Scoring;

/// <summary>Scores with ONNX Runtime, using the graph that is saved, so that a loaded model cannot differ from the model in memory.</summary>
internal sealed class OnnxScorer : IScorer
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly OutputLayout _layout;
    private readonly OutputColumn[] _columns;
    private readonly string[] _outputs;
    private readonly int _height;
    private readonly int _width;
    private readonly Type _owner;
    private readonly Lock _lock = new();
    private int _running;
    private bool _disposed;

    /// <param name="onnxModel">A model file.</param>
    /// <param name="layout">The columns that its graph computes.</param>
    /// <param name="height">Image height in pixels.</param>
    /// <param name="width">Image width in pixels.</param>
    /// <param name="owner">What disposes the scorer; an exception names it where the scorer is used afterward.</param>
    public OnnxScorer(byte[] onnxModel, OutputLayout layout, int height, int width, Type owner)
    {
        (_layout, _height, _width, _owner) = (layout, height, width, owner);
        OnnxTelemetry.DisableEvents();
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            // Images are scored in parallel by the threads of the caller. Threads within an image would have to synchronize at
            // every node.
            IntraOpNumThreads = 1,
        };
        _session = new InferenceSession(onnxModel, options);
        OutputColumn[] computed = [.. layout.Columns.Where(column => column.Kind == OutputKind.Score || column.Kind == OutputKind.PredictedLabel || column.IsDerived)];
        _outputs = [.. computed.Select(column => column.Name)];
        _columns = computed;
    }

    /// <exception cref="ObjectDisposedException">The scorer, and so its owner, has been disposed.</exception>
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

    /// <summary>The gates of all blocks, flattened; empty if the network has none.</summary>
    public float[] Gates()
    {
        if (_layout.Gates is not { } gates)
            return [];
        var nothing = new float[Inputs.PixelColumn.Channels * _height * _width];
        using OrtValue input = Input(nothing, count: 1);
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_runOptions, [ColumnNames.Pixels], [input], [gates.Name]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private Prediction[] Run(float[] pixels, int count)
    {
        using OrtValue input = Input(pixels, count);
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_runOptions, [ColumnNames.Pixels], [input], _outputs);

        int tasks = _layout.Taxonomy.Tasks.Count, derived = _layout.Derived.Count();
        var predictions = new Prediction[count];
        for (int i = 0; i < count; i++)
            predictions[i] = new Prediction(new float[tasks][], new int[tasks], new float[derived]);
        for (int output = 0; output < _columns.Length; output++)
            Read(_columns[output], results[output], predictions);
        return predictions;
    }

    private static void Read(OutputColumn column, OrtValue result, Prediction[] predictions)
    {
        if (column.Kind == OutputKind.PredictedLabel)
        {
            ReadOnlySpan<long> labels = result.GetTensorDataAsSpan<long>();
            for (int i = 0; i < predictions.Length; i++)
                predictions[i].Labels[column.Index] = (int)labels[i];
            return;
        }

        ReadOnlySpan<float> values = result.GetTensorDataAsSpan<float>();
        // A product with zero is not zero where a value is infinite or not a number.
        if (!float.IsFinite(TensorPrimitives.Sum(values)))
        {
            throw new InvalidOperationException(
                $"The network computed a value of '{column.Name}' that is not a number: its weights or the pixels are out of all bounds.");
        }

        int width = Math.Max(1, column.Names.Count);
        for (int i = 0; i < predictions.Length; i++)
        {
            if (column.IsDerived)
                predictions[i].Derived[column.Index] = values[i];
            else
                predictions[i].Scores[column.Index] = values.Slice(i * width, width).ToArray();
        }
    }

    private OrtValue Input(float[] pixels, int count)
    {
        long[] shape = [count, Inputs.PixelColumn.Channels, _height, _width];
        return OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, pixels.AsMemory(0, checked((int)(shape[0] * shape[1] * shape[2] * shape[3]))), shape);
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
            ObjectDisposedException.ThrowIf(_disposed, _owner);
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
