using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Network;

/// <summary>Folds gates and batch normalization into the convolutions that read their result.</summary>
/// <remarks>
/// In eval mode a gate block is the linear map x ↦ α · (x − μ) / √(σ² + ε) on channels, and what reads it is a 1×1
/// convolution without padding: W · map(x) + b = W′ · x + b′ with W′ = W · diag(α / √(σ² + ε)) and b′ = b − W′ · μ, exactly.
/// </remarks>
internal static class NetworkFolding
{
    public static FoldedNetwork Fold(GatedMultiTaskNetwork network, int imageHeight, int imageWidth)
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        NetworkShape shape = network.Shape;
        var blocks = new FoldedBlock[shape.BlockCount];
        for (int block = 0; block < blocks.Length; block++)
        {
            ConvolutionBlock source = network.Blocks[block];
            (NamedTensor? mixKernel, NamedTensor? mixBias) = source.Mix is null
                ? (null, null)
                : FoldMix(source.Mix, network.Sharing[block - 1], $"block{block + 1}");
            blocks[block] = new FoldedBlock(
                mixKernel, mixBias, NetworkState.ToNamedTensor($"block{block + 1}.kernel", source.Kernel),
                NetworkShape.Stride(block), block == 0 ? 1 : shape.TaskCount);
        }

        return new FoldedNetwork(
            shape.TaskCount, imageHeight, imageWidth, [.. blocks], FoldHeads(network),
            [.. network.Sharing.Select((sharing, block) => NetworkState.ToNamedTensor($"block{block + 1}.alpha", sharing.Alphas()))]);
    }

    private static FoldedHead FoldHeads(GatedMultiTaskNetwork network)
    {
        TaskHeads heads = network.Heads;
        (NamedTensor mixKernel, NamedTensor mixBias) = FoldMix(heads.Mix, network.Sharing[^1], "head");
        long width = heads.Mix.Width;
        return new FoldedHead(
            mixKernel,
            mixBias,
            NetworkState.ToNamedTensor("head.dense_kernel", heads.DenseWeight.reshape(-1, width)),
            NetworkState.ToNamedTensor("head.dense_bias", heads.DenseBias.reshape(-1)),
            [.. heads.LogitsWeights.Select((weight, task) => NetworkState.ToNamedTensor($"head.logits{task + 1}_kernel", weight))],
            [.. heads.LogitsBiases.Select((bias, task) => NetworkState.ToNamedTensor($"head.logits{task + 1}_bias", bias))]);
    }

    // In double precision: the products of gates, deviations and means are rounded once, at the end.
    private static (NamedTensor Kernel, NamedTensor Bias) FoldMix(MixingConvolution mix, FeatureSharing sharing, string name)
    {
        (Tensor mean, Tensor variance, double epsilon) = sharing.RunningStatistics;
        Tensor deviation = (variance.cpu().to(float64) + epsilon).sqrt();
        Tensor shared = sharing.Fold(mix.Weight).cpu().to(float64);
        Tensor kernel = (shared / deviation).reshape(mix.Bias.shape[0], -1);
        Tensor bias = mix.Bias.cpu().to(float64) - kernel.mv(mean.cpu().to(float64));
        return (
            NetworkState.ToNamedTensor($"{name}.mix_kernel", kernel.unsqueeze(-1).unsqueeze(-1)),
            NetworkState.ToNamedTensor($"{name}.mix_bias", bias));
    }
}
