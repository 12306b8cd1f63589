using Derm7pt.MLNet.Network;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>How much arithmetic the network is, from its shapes alone; a multiplication with its addition counts as two.</summary>
internal static class NetworkWork
{
    /// <summary>GFLOP of a forward pass over one image.</summary>
    public static double GigaflopsPerImage(NetworkShape shape, int extent) =>
        Enumerable.Range(0, shape.BlockCount).Sum(block => GigaflopsOfBlock(shape, extent, block)) + GigaflopsOfHeads(shape, extent);

    /// <summary>GFLOP of a forward pass of one block over one image: its mixing convolution, if it has one, and its convolution.</summary>
    public static double GigaflopsOfBlock(NetworkShape shape, int extent, int block)
    {
        int input = InputExtent(shape, extent, block), kernel = NetworkShape.KernelSize(block);
        double convolved = ((input - kernel) / NetworkShape.Stride(block)) + 1;
        int read = block == 0 ? NetworkShape.PixelChannels : NetworkShape.MixFactor * shape.Filters[block - 1];
        double convolution = convolved * convolved * kernel * kernel * read * shape.TaskCount * shape.Filters[block];
        return 2e-9 * (convolution + (block == 0 ? 0 : (double)input * input * Mix(shape, block - 1)));
    }

    /// <summary>The height and width of what a block reads.</summary>
    public static int InputExtent(NetworkShape shape, int extent, int block) => block == 0 ? extent : shape.Extents(extent)[block - 1];

    private static double GigaflopsOfHeads(NetworkShape shape, int extent)
    {
        int final = shape.FinalExtent(extent), width = NetworkShape.MixFactor * shape.Filters[^1];
        double mix = (double)final * final * Mix(shape, shape.BlockCount - 1);
        double dense = (double)shape.TaskCount * width * width, logits = (double)width * shape.LabelCounts.Sum();
        return 2e-9 * (mix + dense + logits);
    }

    /// <summary>Multiplications of a mixing convolution at one position: every task reads the channels of all.</summary>
    private static double Mix(NetworkShape shape, int block) =>
        (double)shape.TaskCount * NetworkShape.MixFactor * shape.Filters[block] * shape.TaskCount * shape.Filters[block];
}
