using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Networks;

/// <summary>Represents the crop and resize of an image for the encoder: the border is removed, and the rest or its central square is resized bilinearly.</summary>
/// <remarks>
/// A model contains this step, so that a saved pipeline computes it too. While training, where images are cropped at random, the crop
/// and this step are one interpolation.
/// </remarks>
/// <param name="Border">The pixels that are cut off on every side.</param>
/// <param name="Extent">The height and width of what the encoder reads; <see langword="null"/> for those of the part of the image.</param>
/// <param name="Region">What is read of the image without its border.</param>
internal sealed record ImageInput(int Border, int? Extent, ImageRegion Region = ImageRegion.Whole)
{
    public IEnumerable<string> Problems()
    {
        if (Border is < 0 or > NetworkLimits.ImageExtent)
            yield return Invariant($"The border must be from 0 to {NetworkLimits.ImageExtent} pixels, got {Border}.");
        if (Extent is <= 0 or > NetworkLimits.ImageExtent)
            yield return Invariant($"The input size must be from 1 to {NetworkLimits.ImageExtent} pixels, got {Extent}.");
        if (!Enum.IsDefined(Region))
            yield return Invariant($"The region of the image must be one of {string.Join(", ", Enum.GetNames<ImageRegion>())}, got {(int)Region}.");
    }

    /// <summary>The height or width of what the encoder reads of a square image; 0 if the image is not larger than its borders.</summary>
    public int OutputExtent(int imageExtent) => imageExtent <= 2 * Border ? 0 : Extent ?? imageExtent - (2 * Border);

    /// <summary>The height and width of what the encoder reads of an image.</summary>
    public (int Height, int Width) OutputSize(int height, int width)
    {
        ImageWindow window = Window(height, width);
        return (Extent ?? window.Height, Extent ?? window.Width);
    }

    /// <summary>The part of an image that is read, before it is resized.</summary>
    public ImageWindow Window(int height, int width)
    {
        (int innerHeight, int innerWidth) = (height - (2 * Border), width - (2 * Border));
        if (Region == ImageRegion.Whole)
            return new ImageWindow(Border, Border, innerHeight, innerWidth);
        int side = Math.Min(innerHeight, innerWidth);
        return new ImageWindow(Border + ((innerHeight - side) / 2), Border + ((innerWidth - side) / 2), side, side);
    }

    /// <param name="pixels">[N, 3, H, W]</param>
    /// <returns>[N, 3, h, w]</returns>
    public Tensor Forward(Tensor pixels)
    {
        ImageWindow window = Window((int)pixels.shape[2], (int)pixels.shape[3]);
        Tensor inner = window.Height == pixels.shape[2] && window.Width == pixels.shape[3]
            ? pixels
            : pixels.narrow(2, window.Top, window.Height).narrow(3, window.Left, window.Width);
        return Extent is not { } extent || (inner.shape[2] == extent && inner.shape[3] == extent)
            ? inner
            : F.interpolate(inner, size: [extent, extent], mode: InterpolationMode.Bilinear, align_corners: false);
    }

    public GraphValue Emit(GraphScope scope, GraphValue pixels)
    {
        if (Border > 0)
            pixels = Slice(scope, "inner", pixels, scope.Graph.Constant(scope.Name("starts"), Border, Border), scope.Graph.Constant(scope.Name("ends"), -Border, -Border));
        if (Region == ImageRegion.CentralSquare)
            pixels = EmitCentralSquare(scope.In("square"), pixels);
        return Extent is { } extent ? EmitResized(scope, pixels, extent) : pixels;
    }

    // The graph computes the square from the size of the image, as torch does, so that nothing has to pass the size to this step.
    private static GraphValue EmitCentralSquare(GraphScope scope, GraphValue pixels)
    {
        GraphBuilder graph = scope.Graph;
        string shape = graph.Node("Shape", scope.Name("shape"), [pixels.Name]);
        string size = graph.Node("Slice", scope.Name("size"), [shape, graph.Constant(scope.Name("from"), 2), graph.Constant(scope.Name("to"), 4)]);
        string side = graph.Node("ReduceMin", scope.Name("side"), [size], GraphBuilder.Integer("keepdims", 1));
        string rest = graph.Node("Sub", scope.Name("rest"), [size, side]);
        string starts = graph.Node("Div", scope.Name("starts"), [rest, graph.Constant(scope.Name("two"), 2)]);
        string ends = graph.Node("Add", scope.Name("ends"), [starts, side]);
        return Slice(scope, "inner", pixels, starts, ends);
    }

    private static GraphValue EmitResized(GraphScope scope, GraphValue pixels, int extent)
    {
        GraphBuilder graph = scope.Graph;
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

    /// <summary>Adds the node that takes a window of the positions.</summary>
    private static GraphValue Slice(GraphScope scope, string name, GraphValue pixels, string starts, string ends) => pixels with
    {
        Name = scope.Graph.Node("Slice", scope.Name(name), [pixels.Name, starts, ends, scope.Graph.Constant(scope.Name("axes"), 2, 3)]),
    };
}
