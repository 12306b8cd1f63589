using Derm7pt.MLNet.Interpretation;

namespace Derm7pt.MLNet;

public sealed partial class Derm7ptMultiTaskTransformer
{
    /// <summary>Makes what draws Grad-CAM maps of this model. Needs libtorch, unlike scoring; dispose it when done.</summary>
    /// <exception cref="InvalidOperationException">The application lacks the native libtorch; the message names the package to add.</exception>
    public GradCam CreateGradCam() => new(_model);

    /// <summary>
    /// Shows where a label's probability comes from by covering one square of the image after the other
    /// (Zeiler and Fergus, ECCV 2014). Slow, but independent of the network's inside, and needs no libtorch.
    /// </summary>
    /// <param name="pixels">The image, [3, <see cref="ImageHeight"/>, <see cref="ImageWidth"/>], RGB in [0, 1].</param>
    /// <param name="task">The task's name, for example <c>Streaks</c>.</param>
    /// <param name="label">The zero-based label; the predicted one if null.</param>
    /// <param name="patch">The side of the square in pixels; an eighth of the shorter side if null.</param>
    /// <param name="stride">The distance between squares in pixels; half a square if null.</param>
    /// <exception cref="ArgumentException">The image has another size, or there is no such task or label, or a number is not positive.</exception>
    public SaliencyMap ExplainByOcclusion(ReadOnlySpan<float> pixels, string task, int? label = null, int? patch = null, int? stride = null)
    {
        int taskIndex = Taxonomy.IndexOf(task);
        if (label is { } given && (given < 0 || given >= Taxonomy.Tasks[taskIndex].Labels.Count))
            throw new ArgumentOutOfRangeException(nameof(label), label, Invariant($"Task '{task}' has the labels 0 to {Taxonomy.Tasks[taskIndex].Labels.Count - 1}."));
        if (pixels.Length != 3 * ImageHeight * ImageWidth)
            throw new ArgumentException(Invariant($"Expected an image of 3·{ImageHeight}·{ImageWidth} values, got {pixels.Length}."), nameof(pixels));
        int side = patch ?? Math.Max(2, Math.Min(ImageHeight, ImageWidth) / 8);
        int step = stride ?? Math.Max(1, side / 2);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(side, nameof(patch));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step, nameof(stride));
        return Occlusion.Explain(_scorer, Taxonomy, pixels, ImageHeight, ImageWidth, taskIndex, label, side, step);
    }
}
