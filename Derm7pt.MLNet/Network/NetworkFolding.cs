using System.Collections.Immutable;

namespace Derm7pt.MLNet.Network;

/// <summary>Folds gates and batch normalization into the convolutions that read their result.</summary>
/// <remarks>
/// In eval mode a gate block is the linear map x ↦ α · (x − μ) / √(σ² + ε) on channels, and what reads it is a 1×1
/// convolution without padding: W · map(x) + b = W′ · x + b′ with W′ = W · diag(α / √(σ² + ε)) and b′ = b − W′ · μ, exactly.
/// The state is all that is needed, so a file's network is folded where there is no libtorch.
/// </remarks>
internal static class NetworkFolding
{
    public static FoldedNetwork Fold(GatedMultiTaskNetwork network, int imageHeight, int imageWidth) =>
        Fold(network.Shape, NetworkState.Capture(network), imageHeight, imageWidth);

    /// <summary>Folds a captured state.</summary>
    /// <param name="shape">The sizes of the network.</param>
    /// <param name="state">Its tensors, as <see cref="NetworkStateLayout"/> lists them.</param>
    /// <param name="imageHeight">H, in pixels.</param>
    /// <param name="imageWidth">W, in pixels.</param>
    public static FoldedNetwork Fold(NetworkShape shape, IEnumerable<NamedTensor> state, int imageHeight, int imageWidth)
    {
        Dictionary<string, NamedTensor> tensors = state.ToDictionary(tensor => tensor.Name);
        ImmutableArray<NamedTensor> alphas = [.. Enumerable.Range(0, shape.BlockCount).Select(block => Alphas(shape, tensors, block))];
        var blocks = new FoldedBlock[shape.BlockCount];
        for (int block = 0; block < blocks.Length; block++)
        {
            string name = $"block{block + 1}";
            NamedTensor kernel = tensors[NetworkStateLayout.Kernel(block)] with { Name = $"{name}.kernel" };
            (NamedTensor? mixKernel, NamedTensor? mixBias) = block == 0
                ? (null, null)
                : FoldMix(name, NetworkStateLayout.Mix(block), tensors, block - 1, alphas[block - 1]);
            blocks[block] = new FoldedBlock(
                mixKernel, mixBias, kernel, NetworkShape.Stride(block), block == 0 ? 1 : shape.TaskCount);
        }

        return new FoldedNetwork(
            shape.TaskCount, imageHeight, imageWidth, [.. blocks], FoldHeads(shape, tensors, alphas[^1]), alphas);
    }

    private static FoldedHead FoldHeads(NetworkShape shape, Dictionary<string, NamedTensor> tensors, NamedTensor alphas)
    {
        (NamedTensor mixKernel, NamedTensor mixBias) =
            FoldMix("head", NetworkStateLayout.HeadMix, tensors, shape.BlockCount - 1, alphas);
        NamedTensor dense = tensors[NetworkStateLayout.DenseWeight], denseBias = tensors[NetworkStateLayout.DenseBias];
        IEnumerable<int> tasks = Enumerable.Range(0, shape.TaskCount);
        return new FoldedHead(
            mixKernel,
            mixBias,
            new NamedTensor("head.dense_kernel", [dense.Shape[0] * dense.Shape[1], dense.Shape[2]], dense.Values),
            new NamedTensor("head.dense_bias", [denseBias.Values.Length], denseBias.Values),
            [.. tasks.Select(task => tensors[NetworkStateLayout.LogitsWeight(task)] with { Name = $"head.logits{task + 1}_kernel" })],
            [.. tasks.Select(task => tensors[NetworkStateLayout.LogitsBias(task)] with { Name = $"head.logits{task + 1}_bias" })]);
    }

    /// <summary>[T, T·C]: 1 for a task's own channels; for those of others 1 / (1 + exp(−γ·a)), or 0 where gates are closed.</summary>
    private static NamedTensor Alphas(NetworkShape shape, Dictionary<string, NamedTensor> tensors, int block)
    {
        int tasks = shape.TaskCount, channels = shape.Filters[block], row = tasks * channels;
        var alphas = new float[tasks * row];
        if (shape.Gates == GateMode.Learned)
        {
            float[] a = tensors[NetworkStateLayout.GateLogits(block)].Values;
            for (int i = 0; i < alphas.Length; i++)
                alphas[i] = (float)(1 / (1 + Math.Exp(-shape.GateSteepness * a[i])));
        }

        for (int task = 0; task < tasks; task++)
            Array.Fill(alphas, 1, (task * row) + (task * channels), channels);
        return new NamedTensor($"block{block + 1}.alpha", [tasks, row], alphas);
    }

    // In double precision: the products of gates, deviations and means are rounded once, at the end.
    private static (NamedTensor Kernel, NamedTensor Bias) FoldMix(
        string name, string mix, Dictionary<string, NamedTensor> tensors, int previousBlock, NamedTensor alphas)
    {
        NamedTensor weight = tensors[NetworkStateLayout.Weight(mix)];
        float[] bias = tensors[NetworkStateLayout.Bias(mix)].Values;
        float[] mean = tensors[NetworkStateLayout.RunningMean(previousBlock)].Values;
        float[] variance = tensors[NetworkStateLayout.RunningVariance(previousBlock)].Values;
        int channels = mean.Length, mixed = (int)weight.Shape[1];
        double[] scale = [.. variance.Select(value => 1 / Math.Sqrt(value + GateBlock.Epsilon))];

        var foldedKernel = new float[weight.Values.Length];
        var foldedBias = new float[bias.Length];
        for (int row = 0; row < bias.Length; row++)
        {
            double shift = bias[row];
            ReadOnlySpan<float> gates = alphas.Values.AsSpan(row / mixed * channels, channels);
            for (int c = 0; c < channels; c++)
            {
                double value = weight.Values[(row * channels) + c] * (double)gates[c] * scale[c];
                foldedKernel[(row * channels) + c] = (float)value;
                shift -= value * mean[c];
            }

            foldedBias[row] = (float)shift;
        }

        return (
            new NamedTensor($"{name}.mix_kernel", [bias.Length, channels, 1, 1], foldedKernel),
            new NamedTensor($"{name}.mix_bias", [bias.Length], foldedBias));
    }
}
