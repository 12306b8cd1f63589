namespace Derm7pt.MLNet.Reporting;

/// <summary>Represents a case that a report shows, with its image and predictions.</summary>
public sealed class ExampleCase
{
    internal ExampleCase(
        string name, int height, int width, ReadOnlyMemory<float> pixels, IReadOnlyList<ExamplePrediction> predictions) =>
        (Name, Height, Width, Pixels, Predictions) = (name, height, width, pixels, predictions);

    /// <summary>The name of the case.</summary>
    public string Name { get; }

    /// <summary>The height of the image in pixels.</summary>
    public int Height { get; }

    /// <summary>The width of the image in pixels.</summary>
    public int Width { get; }

    /// <summary>The image, [3, height, width], RGB in [0, 1].</summary>
    public ReadOnlyMemory<float> Pixels { get; }

    /// <summary>The predictions of each task.</summary>
    public IReadOnlyList<ExamplePrediction> Predictions { get; }
}

/// <summary>Represents the prediction of one task for a case.</summary>
public sealed class ExamplePrediction
{
    internal ExamplePrediction(
        ClassificationTask task, int predictedLabel, double probability, int? trueLabel, ReadOnlyMemory<byte> overlay) =>
        (Task, PredictedLabel, Probability, TrueLabel, Overlay) = (task, predictedLabel, probability, trueLabel, overlay);

    /// <summary>The task.</summary>
    public ClassificationTask Task { get; }

    /// <summary>The zero-based predicted label.</summary>
    public int PredictedLabel { get; }

    /// <summary>The probability of the predicted label, in [0, 1].</summary>
    public double Probability { get; }

    /// <summary>The zero-based true label; null if it is not known.</summary>
    public int? TrueLabel { get; }

    /// <summary>The image with the saliency map of the predicted label, RGBA bytes, rows from the top; empty for none.</summary>
    public ReadOnlyMemory<byte> Overlay { get; }

    /// <summary>The predicted label's name.</summary>
    public string PredictedText => Task.Labels[PredictedLabel].Name;

    /// <summary>The true label's name; null if it is not known.</summary>
    public string? TrueText => TrueLabel is { } label ? Task.Labels[label].Name : null;

    /// <summary>Whether the prediction is correct; null if the true label is unknown.</summary>
    public bool? IsRight => TrueLabel is { } label ? label == PredictedLabel : null;

    internal ExamplePrediction With(ReadOnlyMemory<byte> overlay) => new(Task, PredictedLabel, Probability, TrueLabel, overlay);
}
