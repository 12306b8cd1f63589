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

    /// <param name="onnxModel">A graph as OnnxGraphWriter writes it.</param>
    /// <param name="taxonomy">The tasks.</param>
    /// <param name="height">Image height in pixels.</param>
    /// <param name="width">Image width in pixels.</param>
    public OnnxScorer(byte[] onnxModel, Taxonomy taxonomy, int height, int width)
    {
        (_taxonomy, _height, _width) = (taxonomy, height, width);
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(onnxModel, options);
        _outputs = [.. taxonomy.Tasks.Select(ColumnNames.Score)];
    }

    public Prediction[] Score(float[] pixels, int count)
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

    public void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }
}
