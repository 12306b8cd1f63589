namespace Derm7pt.MLNet.Onnx;

/// <summary>
/// Turns a grouped convolution of few channels into one with fewer, wider groups: zeros stand between the groups that become one.
/// </summary>
/// <remarks>
/// ONNX Runtime has a fast memory layout, of channels in blocks of eight on most processors, and leaves it for a grouped
/// convolution whose groups are no multiples of that, which then takes longer than twice the work within the layout would.
/// The width is fixed rather than read from the processor, because a file is scored anywhere. Where blocks have sixteen channels
/// the layout may still be left: that is no worse than without merging.
/// </remarks>
internal static class MergedGroups
{
    private const int ChannelBlock = 8;

    // With more zeros than this the work grows faster than the layout speeds it up.
    private const int MostMerged = 4;

    /// <summary>The same convolution with as few groups merged as give whole channel blocks; unchanged where no number of groups does.</summary>
    /// <param name="graph">Receives the nodes that widen the kernel.</param>
    /// <param name="name">The path of these nodes.</param>
    /// <param name="kernel">The kernel, in single precision.</param>
    /// <param name="groups">The number of groups.</param>
    public static (GraphKernel Kernel, int Groups) Merge(GraphBuilder graph, string name, GraphKernel kernel, int groups)
    {
        int merged = Factor(kernel.Outputs / groups, kernel.Inputs, groups);
        if (merged == 1)
            return (kernel, groups);

        // [merged groups, place, outputs, 1, inputs · positions] times the identity over the two places.
        long outputs = kernel.Outputs / groups, values = kernel.Inputs * kernel.Height * kernel.Width;
        var identity = new float[merged * merged];
        for (int place = 0; place < merged; place++)
            identity[(place * merged) + place] = 1;
        string mask = graph.Constant($"{name}/merged/mask", [1, merged, 1, merged, 1], identity);
        string apart = graph.Reshape($"{name}/merged/apart", kernel.Name, groups / merged, merged, outputs, 1, values);
        string placed = graph.Node("Mul", $"{name}/merged/placed", [apart, mask]);
        GraphKernel wide = kernel with { Inputs = kernel.Inputs * merged };
        return (wide with { Name = graph.Reshape($"{name}/merged/kernel", placed, wide.Shape) }, groups / merged);
    }

    private static int Factor(long outputs, long inputs, int groups)
    {
        for (int factor = 1; factor <= Math.Min(MostMerged, groups); factor++)
        {
            if (groups % factor == 0 && outputs * factor % ChannelBlock == 0 && inputs * factor % ChannelBlock == 0)
                return factor;
        }

        return 1;
    }
}
