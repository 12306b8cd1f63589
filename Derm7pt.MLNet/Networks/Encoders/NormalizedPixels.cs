using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks;

/// <summary>Computes a <see cref="PixelNormalization"/>, in torch and in a graph.</summary>
internal static class NormalizedPixels
{
    private static readonly long[] PerChannel = [1, NetworkSpec.PixelChannels, 1, 1];

    /// <param name="normalization">The normalization.</param>
    /// <param name="scope">The scope of the normalization.</param>
    /// <param name="pixels">[N, 3, H, W] in [0, 1], RGB.</param>
    /// <returns>[N, 3, H, W] in the channel order of the extractor.</returns>
    public static Tensor Apply(this PixelNormalization normalization, TorchScope scope, Tensor pixels)
    {
        Tensor factors = scope.Constant("factors", () => tensor(normalization.Factors, PerChannel));
        Tensor offsets = scope.Constant("offsets", () => tensor(normalization.Offsets, PerChannel));
        Tensor ordered = normalization.Order == ChannelOrder.Rgb ? pixels : pixels.flip(1);
        return offsets.PlusProduct(ordered, factors);
    }

    /// <summary>Adds the nodes that compute the same values to a graph.</summary>
    /// <inheritdoc cref="Apply"/>
    /// <returns>The name of the value.</returns>
    public static string Emit(this PixelNormalization normalization, GraphScope scope, string pixels)
    {
        GraphBuilder graph = scope.Graph;
        if (normalization.Order != ChannelOrder.Rgb)
        {
            pixels = graph.Node(
                "Gather", scope.Name("ordered"), [pixels, graph.Constant(scope.Name("order"), 2, 1, 0)], GraphBuilder.Integer("axis", 1));
        }

        string scaled = graph.Node("Mul", scope.Name("scaled"), [pixels, graph.Constant(scope.Name("factors"), PerChannel, normalization.Factors)]);
        return graph.Node("Add", scope.Name("normalized"), [scaled, graph.Constant(scope.Name("offsets"), PerChannel, normalization.Offsets)]);
    }
}
