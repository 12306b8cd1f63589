using Derm7pt.MLNet.Interpretation;

namespace Derm7pt.MLNet;

public sealed partial class Derm7ptMultiTaskTransformer
{
    /// <summary>Creates an object that computes Grad-CAM maps of this model. Unlike scoring, it requires libtorch. Dispose it after use.</summary>
    /// <exception cref="InvalidOperationException">The native libtorch is missing; the message names the package to add.</exception>
    public GradCam CreateGradCam() => new(_model);

    /// <summary>
    /// Computes how much a label's probability decreases when squares of the image are covered (Zeiler and Fergus,
    /// ECCV 2014). This is slow, but uses only the scores of the network and does not require libtorch.
    /// </summary>
    /// <param name="pixels">The image, [3, <see cref="ImageHeight"/>, <see cref="ImageWidth"/>], RGB in [0, 1].</param>
    /// <param name="task">The task's name, for example <c>Streaks</c>.</param>
    /// <param name="label">The zero-based label; the predicted one if null.</param>
    /// <param name="patch">The side of the square in pixels; an eighth of the shorter side if null.</param>
    /// <param name="stride">The distance between squares in pixels; half a square if null.</param>
    /// <exception cref="ArgumentException">The image has another size, the task or label does not exist, or a number is not positive.</exception>
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
