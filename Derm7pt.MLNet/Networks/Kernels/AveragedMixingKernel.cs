namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>
/// The 1×1 convolution with ReLU of all tasks and its average over the positions of each image, forward and backward.
/// </summary>
/// <remarks>
/// Intermediate values stay in the processor's cache. For the backward pass, only the positions of positive values are
/// kept.
/// </remarks>
internal static unsafe class AveragedMixingKernel
{
    // As in BlockKernel: the order of a sum must not depend on the number of threads.
    private const int Parts = 16;

    /// <summary>Computes the averages.</summary>
    /// <param name="geometry">The sizes.</param>
    /// <param name="count">The number of images.</param>
    /// <param name="input">[count, input channels, positions]</param>
    /// <param name="mix">[groups, M, input channels + 1], the last one the bias.</param>
    /// <param name="averages">Receives [count, groups·M].</param>
    /// <param name="positive">Receives 1 where the convolution was positive, else 0: [count, groups·M, positions]; null if there is no backward pass.</param>
    /// <param name="threads">The number of threads.</param>
    public static void Forward(
        AveragedMixingGeometry geometry, int count, float* input, float* mix, float* averages, byte* positive, int threads)
    {
        using var convolution = new TapConvolution(geometry.Taps(), new PackedWeights(geometry.Order, mix));
        int together = geometry.ImagesTogether;
        Parallel.For(
            0, Planes(geometry, count), new ParallelOptions { MaxDegreeOfParallelism = threads }, () => new AveragedMixingScratch(geometry),
            (plane, _, scratch) =>
            {
                scratch.Load(input, plane * together, Math.Min(together, count - (plane * together)));
                for (int group = 0; group < geometry.Groups; group++)
                {
                    scratch.Mix(convolution, group);
                    scratch.Average(group, averages, positive);
                }

                return scratch;
            },
            scratch => scratch.Dispose());
    }

    /// <summary>Computes the gradients of <see cref="Forward"/>.</summary>
    /// <param name="geometry">The sizes.</param>
    /// <param name="count">The number of images.</param>
    /// <param name="input">As given to <see cref="Forward"/>.</param>
    /// <param name="mix">As given to <see cref="Forward"/>.</param>
    /// <param name="gradient">[count, groups·M]</param>
    /// <param name="positive">As <see cref="Forward"/> gave it.</param>
    /// <param name="inputGradient">Receives the gradient of the input.</param>
    /// <param name="mixGradient">Receives that of the weights.</param>
    /// <param name="threads">The number of threads.</param>
    public static void Backward(
        AveragedMixingGeometry geometry, int count, float* input, float* mix, float* gradient, byte* positive,
        float* inputGradient, float* mixGradient, int threads)
    {
        using var back = new TapConvolution(geometry.GradientTaps(), new PackedWeights(geometry.GradientOrder, mix));
        nint[] taps = geometry.Taps();
        int planes = Planes(geometry, count), parts = Math.Min(planes, Parts), together = geometry.ImagesTogether;
        var sums = new PackedWeights[parts];
        try
        {
            Parallel.For(
                0, parts, new ParallelOptions { MaxDegreeOfParallelism = threads }, () => new AveragedMixingScratch(geometry),
                (part, _, scratch) =>
                {
                    PackedWeights sum = sums[part] = new PackedWeights(geometry.Order);
                    for (int plane = part * planes / parts; plane < (part + 1) * planes / parts; plane++)
                    {
                        scratch.Load(input, plane * together, Math.Min(together, count - (plane * together)));
                        scratch.ClearInputGradient();
                        for (int group = 0; group < geometry.Groups; group++)
                        {
                            scratch.Spread(group, gradient, positive);
                            scratch.BackThroughMix(taps, sum, back, group);
                        }

                        scratch.StoreInputGradient(inputGradient);
                    }

                    return scratch;
                },
                scratch => scratch.Dispose());

            foreach (PackedWeights sum in sums[1..])
                sums[0].Add(sum);
            sums[0].Unpack(mixGradient);
        }
        finally
        {
            foreach (PackedWeights? sum in sums)
                sum?.Dispose();
        }
    }

    private static int Planes(AveragedMixingGeometry geometry, int count) => (count + geometry.ImagesTogether - 1) / geometry.ImagesTogether;
}
