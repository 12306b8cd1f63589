namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>
/// A block of all tasks, forward and backward, image by image: mixing, convolution, rectification and pooling of one
/// group stay in the processor's cache, and of the intermediate values only the positions of the maxima are kept.
/// The backward pass recomputes the mixing.
/// </summary>
internal static unsafe class BlockKernel
{
    // Gradients of weights are summed in a fixed number of parts for any number of threads. The order of a sum determines its
    // last digits, and a seed must produce the same training on any number of cores.
    private const int Parts = 16;

    /// <summary>Computes the block.</summary>
    /// <param name="geometry">The sizes.</param>
    /// <param name="count">The number of images.</param>
    /// <param name="input">[count, input channels, height, width]</param>
    /// <param name="mix">[groups, M, input channels + 1], the last one the bias; null in the first block.</param>
    /// <param name="kernel">[groups, C, convolved channels, k, k]</param>
    /// <param name="pooled">Receives [count, groups·C, pooled height, pooled width].</param>
    /// <param name="places">Receives where the largest values lay, of the same shape; null if there is no backward pass.</param>
    /// <param name="threads">The number of threads.</param>
    public static void Forward(
        BlockGeometry geometry, int count, float* input, float* mix, float* kernel, float* pooled, byte* places, int threads)
    {
        using var weights = new BlockWeights(geometry, mix, kernel, wayBack: false);
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, () => new BlockScratch(geometry), (image, _, scratch) =>
        {
            scratch.LoadInput(input + (image * geometry.InputLength));
            for (int group = 0; group < geometry.Groups; group++)
            {
                nint at = (image * geometry.PooledLength) + (group * geometry.PooledGroupLength);
                scratch.Mix(weights, group);
                scratch.Convolve(weights, group);
                scratch.Pool(pooled + at, places == null ? null : places + at);
            }

            return scratch;
        }, scratch => scratch.Dispose());
    }

    /// <summary>Computes the gradients of <see cref="Forward"/>.</summary>
    /// <param name="geometry">The sizes.</param>
    /// <param name="count">The number of images.</param>
    /// <param name="input">As given to <see cref="Forward"/>.</param>
    /// <param name="mix">As given to <see cref="Forward"/>.</param>
    /// <param name="kernel">As given to <see cref="Forward"/>.</param>
    /// <param name="gradient">[count, groups·C, pooled height, pooled width]</param>
    /// <param name="places">As <see cref="Forward"/> gave them.</param>
    /// <param name="inputGradient">Receives the gradient of the input; not used in the first block.</param>
    /// <param name="mixGradient">Receives that of the mixing weights; not used in the first block.</param>
    /// <param name="kernelGradient">Receives that of the kernel.</param>
    /// <param name="threads">The number of threads.</param>
    public static void Backward(
        BlockGeometry geometry, int count, float* input, float* mix, float* kernel, float* gradient, byte* places,
        float* inputGradient, float* mixGradient, float* kernelGradient, int threads)
    {
        using var weights = new BlockWeights(geometry, mix, kernel, wayBack: true);
        int parts = Math.Min(count, Parts);
        var sums = new BlockGradients[parts];
        try
        {
            Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = threads }, () => new BlockScratch(geometry), (part, _, scratch) =>
            {
                BlockGradients sum = sums[part] = new BlockGradients(geometry);
                for (int image = part * count / parts; image < (part + 1) * count / parts; image++)
                {
                    scratch.LoadInput(input + (image * geometry.InputLength));
                    scratch.ClearInputGradient();
                    for (int group = 0; group < geometry.Groups; group++)
                    {
                        nint at = (image * geometry.PooledLength) + (group * geometry.PooledGroupLength);
                        scratch.Mix(weights, group);
                        scratch.Unpool(gradient + at, places + at);
                        scratch.BackThroughConvolution(weights, sum, group);
                        scratch.BackThroughMix(weights, sum, group);
                    }

                    scratch.StoreInputGradient(inputGradient + (image * geometry.InputLength));
                }

                return scratch;
            }, scratch => scratch.Dispose());

            foreach (BlockGradients sum in sums[1..])
                sums[0].Add(sum);
            sums[0].Kernel.Unpack(kernelGradient);
            sums[0].Mix?.Unpack(mixGradient);
        }
        finally
        {
            foreach (BlockGradients? sum in sums)
                sum?.Dispose();
        }
    }
}
