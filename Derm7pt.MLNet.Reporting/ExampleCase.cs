using Derm7pt.MLNet.Interpretation;

namespace Derm7pt.MLNet.Reporting;

/// <summary>A case that a report shows: its image and what the model says of it.</summary>
public sealed class ExampleCase
{
    internal ExampleCase(
        string name, int height, int width, ReadOnlyMemory<float> pixels, IReadOnlyList<ExamplePrediction> predictions) =>
        (Name, Height, Width, Pixels, Predictions) = (name, height, width, pixels, predictions);

    /// <summary>What the case is called.</summary>
    public string Name { get; }

    /// <summary>Height of the image in pixels.</summary>
    public int Height { get; }

    /// <summary>Width of the image in pixels.</summary>
    public int Width { get; }

    /// <summary>The image, [3, height, width], RGB in [0, 1].</summary>
    public ReadOnlyMemory<float> Pixels { get; }

    /// <summary>What the model says, task by task.</summary>
    public IReadOnlyList<ExamplePrediction> Predictions { get; }
}

/// <summary>What a model says of a case in one task.</summary>
public sealed class ExamplePrediction
{
    internal ExamplePrediction(
        ClassificationTask task, int predictedLabel, double probability, int? trueLabel, ReadOnlyMemory<byte> overlay) =>
        (Task, PredictedLabel, Probability, TrueLabel, Overlay) = (task, predictedLabel, probability, trueLabel, overlay);

    /// <summary>The task.</summary>
    public ClassificationTask Task { get; }

    /// <summary>The zero-based predicted label.</summary>
    public int PredictedLabel { get; }

    /// <summary>Its probability, in [0, 1].</summary>
    public double Probability { get; }

    /// <summary>The zero-based true label; null where it is not known.</summary>
    public int? TrueLabel { get; }

    /// <summary>The image with what speaks for the predicted label, RGBA bytes, rows from the top; empty for none.</summary>
    public ReadOnlyMemory<byte> Overlay { get; }

    /// <summary>The predicted label's name.</summary>
    public string PredictedText => Task.Labels[PredictedLabel].Name;

    /// <summary>The true label's name; null where it is not known.</summary>
    public string? TrueText => TrueLabel is { } label ? Task.Labels[label].Name : null;

    /// <summary>Whether the prediction is right; null where the truth is not known.</summary>
    public bool? IsRight => TrueLabel is { } label ? label == PredictedLabel : null;

    /// <summary>The features that the overlay was drawn from, for display.</summary>
    internal string OverlaySource { get; init; } = "";

    /// <summary>The same prediction with a map over the image.</summary>
    internal ExamplePrediction With(SaliencyMap map, ReadOnlySpan<float> pixels) =>
        new(Task, PredictedLabel, Probability, TrueLabel, map.Overlay(pixels)) { OverlaySource = map.Source };
}
