using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Networks;

/// <summary>Represents the crop and resize of an image for the encoder: the border is removed and the rest is resized bilinearly.</summary>
/// <remarks>
/// A model contains this step, so that a saved pipeline computes it too. While training, where images are cropped at random, the crop
/// and this step are one interpolation.
/// </remarks>
/// <param name="Border">The pixels that are cut off on every side.</param>
/// <param name="Extent">The height and width of what the encoder reads; <see langword="null"/> for those of the image without its border.</param>
internal sealed record ImageInput(int Border, int? Extent)
{
    public IEnumerable<string> Problems()
    {
        if (Border is < 0 or > NetworkLimits.ImageExtent)
            yield return Invariant($"The border must be from 0 to {NetworkLimits.ImageExtent} pixels, got {Border}.");
        if (Extent is <= 0 or > NetworkLimits.ImageExtent)
            yield return Invariant($"The input size must be from 1 to {NetworkLimits.ImageExtent} pixels, got {Extent}.");
    }

    /// <summary>The height or width of what the encoder reads; 0 if the image is not larger than its borders.</summary>
    public int OutputExtent(int imageExtent) => imageExtent <= 2 * Border ? 0 : Extent ?? imageExtent - (2 * Border);

    /// <param name="pixels">[N, 3, H, W]</param>
    /// <returns>[N, 3, h, w]</returns>
    public Tensor Forward(Tensor pixels)
    {
        Tensor inner = Border == 0
            ? pixels
            : pixels.narrow(2, Border, pixels.shape[2] - (2 * Border)).narrow(3, Border, pixels.shape[3] - (2 * Border));
        return Extent is not { } extent || (inner.shape[2] == extent && inner.shape[3] == extent)
            ? inner
            : F.interpolate(inner, size: [extent, extent], mode: InterpolationMode.Bilinear, align_corners: false);
    }

    public GraphValue Emit(GraphScope scope, GraphValue pixels)
    {
        GraphBuilder graph = scope.Graph;
        if (Border > 0)
        {
            pixels = pixels with
            {
                Name = graph.Node(
                    "Slice", scope.Name("inner"),
                    [
                        pixels.Name, graph.Constant(scope.Name("starts"), Border, Border), graph.Constant(scope.Name("ends"), -Border, -Border),
                        graph.Constant(scope.Name("axes"), 2, 3),
                    ]),
            };
        }

        if (Extent is not { } extent)
            return pixels;
        // The batch is the first dimension of the sizes, and only known when the graph runs.
        string shape = graph.Node("Shape", scope.Name("shape"), [pixels.Name]);
        string count = graph.Node("Slice", scope.Name("count"), [shape, graph.Constant(scope.Name("from"), 0), graph.Constant(scope.Name("to"), 2)]);
        string sizes = graph.Node(
            "Concat", scope.Name("sizes"), [count, graph.Constant(scope.Name("extents"), extent, extent)], GraphBuilder.Integer("axis", 0));
        return pixels with
        {
            Name = graph.Node(
                "Resize", scope.Name("resized"), [pixels.Name, "", "", sizes], GraphBuilder.Text("mode", "linear"),
                GraphBuilder.Text("coordinate_transformation_mode", "half_pixel")),
        };
    }
}
