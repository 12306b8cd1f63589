using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>Computes the arithmetic of the network from its shapes; a multiplication with its addition counts as two.</summary>
internal static class NetworkWork
{
    /// <summary>GFLOP of a forward pass over one image.</summary>
    public static double GigaflopsPerImage(NetworkSpec shape, int extent) =>
        Enumerable.Range(0, shape.BlockCount).Sum(block => GigaflopsOfBlock(shape, extent, block)) + GigaflopsOfHeads(shape, extent);

    /// <summary>GFLOP of a forward pass of one block over one image: its mixing convolution, if it has one, and its convolution.</summary>
    public static double GigaflopsOfBlock(NetworkSpec shape, int extent, int block)
    {
        int input = InputExtent(shape, extent, block), kernel = shape.Blocks[block].KernelSize;
        double convolved = ((input - kernel) / shape.Blocks[block].Stride) + 1;
        int read = block == 0 ? NetworkSpec.PixelChannels : NetworkSpec.MixFactor * shape.Blocks[block - 1].Channels;
        double convolution = convolved * convolved * kernel * kernel * read * shape.TaskCount * shape.Blocks[block].Channels;
        return 2e-9 * (convolution + (block == 0 ? 0 : (double)input * input * Mix(shape, block - 1)));
    }

    /// <summary>Gets the height and width of the input of a block.</summary>
    public static int InputExtent(NetworkSpec shape, int extent, int block) => block == 0 ? extent : shape.Extents(extent)[block - 1];

    private static double GigaflopsOfHeads(NetworkSpec shape, int extent)
    {
        int final = shape.Extents(extent)[^1], width = NetworkSpec.MixFactor * shape.Blocks[^1].Channels;
        double mix = (double)final * final * Mix(shape, shape.BlockCount - 1);
        double dense = (double)shape.TaskCount * width * width, logits = (double)width * shape.LabelCounts.Sum();
        return 2e-9 * (mix + dense + logits);
    }

    /// <summary>Multiplications of a mixing convolution at one position: every task reads the channels of all.</summary>
    private static double Mix(NetworkSpec shape, int block) =>
        (double)shape.TaskCount * NetworkSpec.MixFactor * shape.Blocks[block].Channels * shape.TaskCount * shape.Blocks[block].Channels;
}
