using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks;

/// <summary>
/// The views of an image over which scoring averages: unchanged, mirrored left to right, mirrored top to bottom, and transposed. Each view
/// is an equally plausible photograph of the lesion.
/// </summary>
/// <param name="IncludesTransposed">Whether there is a transposed view, which has the shape of the other views only if the image is square.</param>
internal readonly record struct ImageViews(bool IncludesTransposed)
{
    private const int Rows = 2, Columns = 3;

    public int Count => IncludesTransposed ? 4 : 3;

    /// <param name="pixels">[N, 3, h, w]</param>
    /// <returns>[views · N, 3, h, w]: the first view of all images, then the second view of all images, and so on.</returns>
    public Tensor Forward(Tensor pixels)
    {
        Tensor[] views = [pixels, pixels.flip(Columns), pixels.flip(Rows)];
        return cat(IncludesTransposed ? [.. views, pixels.transpose(Rows, Columns)] : views, 0);
    }

    /// <summary>Adds the nodes that compute the same values to a graph.</summary>
    public GraphValue Emit(GraphScope scope, GraphValue pixels)
    {
        GraphBuilder graph = scope.Graph;
        string last = graph.Constant(scope.Name("last"), -1), first = graph.Constant(scope.Name("first"), long.MinValue);
        string step = graph.Constant(scope.Name("step"), -1);
        string mirrored = Reversed("mirrored", Columns), flipped = Reversed("flipped", Rows);
        string[] views = [pixels.Name, mirrored, flipped];
        if (IncludesTransposed)
            views = [.. views, graph.Node("Transpose", scope.Name("transposed"), [pixels.Name], GraphBuilder.Integers("perm", 0, 1, Columns, Rows))];
        return pixels with { Name = graph.Node("Concat", scope.Name("all"), views, GraphBuilder.Integer("axis", 0)) };

        string Reversed(string name, long axis) => graph.Node(
            "Slice", scope.Name(name), [pixels.Name, last, first, graph.Constant(scope.Name($"{name}/axis"), axis), step]);
    }
}
