namespace Derm7pt.MLNet.Reporting;

/// <summary>A case that a report shows: its image and what the model says of it.</summary>
/// <param name="Name">What the case is called.</param>
/// <param name="Height">Height of the image in pixels.</param>
/// <param name="Width">Width of the image in pixels.</param>
/// <param name="Pixels">The image, [3, height, width], RGB in [0, 1].</param>
/// <param name="Predictions">What the model says, task by task.</param>
public sealed record ExampleCase(
    string Name, int Height, int Width, ReadOnlyMemory<float> Pixels, IReadOnlyList<ExamplePrediction> Predictions);

/// <summary>What a model says of a case in one task.</summary>
/// <param name="Task">The task.</param>
/// <param name="PredictedLabel">The zero-based predicted label.</param>
/// <param name="Probability">Its probability, in [0, 1].</param>
/// <param name="TrueLabel">The zero-based true label; null where it is not known.</param>
/// <param name="Overlay">The image with what speaks for the predicted label, RGBA bytes, rows from the top; empty for none.</param>
public sealed record ExamplePrediction(
    ClassificationTask Task, int PredictedLabel, double Probability, int? TrueLabel, ReadOnlyMemory<byte> Overlay = default)
{
    /// <summary>The predicted label's name.</summary>
    public string PredictedText => Task.Labels[PredictedLabel].Name;

    /// <summary>The true label's name; null where it is not known.</summary>
    public string? TrueText => TrueLabel is { } label ? Task.Labels[label].Name : null;

    /// <summary>Whether the prediction is right; null where the truth is not known.</summary>
    public bool? IsRight => TrueLabel is { } label ? label == PredictedLabel : null;
}
