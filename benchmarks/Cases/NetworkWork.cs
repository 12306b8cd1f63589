using Derm7pt.MLNet.Network;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>How much arithmetic the network is, from its shapes alone.</summary>
internal static class NetworkWork
{
    /// <summary>GFLOP of a forward pass over one image; a multiplication with its addition counts as two.</summary>
    public static double GigaflopsPerImage(NetworkShape shape, int extent)
    {
        double multiplyAdds = 0, positions = 0;
        int[] pooled = shape.Extents(extent);
        for (int block = 0; block < shape.BlockCount; block++)
        {
            int read = NetworkShape.PixelChannels;
            if (block > 0)
            {
                read = NetworkShape.MixFactor * shape.Filters[block - 1];
                multiplyAdds += positions * Mix(shape, block - 1);
            }

            int kernel = NetworkShape.KernelSize(block);
            int convolved = ((extent - kernel) / NetworkShape.Stride(block)) + 1;
            multiplyAdds += (double)convolved * convolved * kernel * kernel * read * shape.TaskCount * shape.Filters[block];
            extent = pooled[block];
            positions = (double)extent * extent;
        }

        int width = NetworkShape.MixFactor * shape.Filters[^1];
        multiplyAdds += positions * Mix(shape, shape.BlockCount - 1);
        multiplyAdds += (double)shape.TaskCount * width * width;
        multiplyAdds += (double)width * shape.LabelCounts.Sum();
        return 2e-9 * multiplyAdds;
    }

    /// <summary>Multiplications of a mixing convolution at one position: every task reads the channels of all.</summary>
    private static double Mix(NetworkShape shape, int block) =>
        (double)shape.TaskCount * NetworkShape.MixFactor * shape.Filters[block] * shape.TaskCount * shape.Filters[block];
}
