using Derm7pt.MLNet.Network;

namespace Derm7pt.MLNet.Persistence;

/// <summary>
/// Writes a grouped convolution of few channels with fewer, wider groups: between the tasks that now share one stand zeros.
/// </summary>
/// <remarks>
/// ONNX Runtime has a fast memory layout, of channels in blocks of eight on most processors, and leaves it for a grouped
/// convolution whose groups are no multiples of that, which then takes longer than twice the work within the layout would.
/// The width is fixed rather than asked of the processor, because a file is scored anywhere. Where blocks have sixteen channels
/// the layout may still be left: that is no worse than without merging.
/// </remarks>
internal static class MergedGroups
{
    private const int ChannelBlock = 8;

    // With more zeros than this the work grows faster than the layout speeds it up.
    private const int MostMerged = 4;

    /// <summary>The same convolution with as few groups merged as give whole channel blocks; the block itself where none do.</summary>
    public static FoldedBlock Merge(FoldedBlock block)
    {
        int merged = Factor(block);
        if (merged == 1)
            return block;
        NamedTensor kernel = block.Kernel;
        (int channels, int inputs, int area) = Sizes(block);
        var values = new float[kernel.Values.Length * merged];
        for (int output = 0; output < channels * block.Groups; output++)
        {
            int place = output / channels % merged;
            kernel.Values.AsSpan(output * inputs * area, inputs * area)
                .CopyTo(values.AsSpan(((output * merged) + place) * inputs * area));
        }

        return block with
        {
            Kernel = kernel with { Shape = kernel.Shape.SetItem(1, inputs * merged), Values = values },
            Groups = block.Groups / merged,
        };
    }

    /// <summary>Takes the kernel of a block out of the one that <see cref="Merge"/> made of it.</summary>
    /// <param name="block">The block; only its sizes matter.</param>
    /// <param name="merged">The values of the merged kernel.</param>
    public static float[] Split(FoldedBlock block, ReadOnlySpan<float> merged)
    {
        int factor = Factor(block);
        (int channels, int inputs, int area) = Sizes(block);
        var values = new float[merged.Length / factor];
        for (int output = 0; output < channels * block.Groups; output++)
        {
            int place = output / channels % factor;
            merged.Slice(((output * factor) + place) * inputs * area, inputs * area)
                .CopyTo(values.AsSpan(output * inputs * area));
        }

        return values;
    }

    private static int Factor(FoldedBlock block)
    {
        (int channels, int inputs, _) = Sizes(block);
        for (int factor = 1; factor <= Math.Min(MostMerged, block.Groups); factor++)
        {
            if (block.Groups % factor == 0 && channels * factor % ChannelBlock == 0 && inputs * factor % ChannelBlock == 0)
                return factor;
        }

        return 1;
    }

    /// <summary>A group's output and input channels, and the positions that a kernel covers.</summary>
    private static (int Channels, int Inputs, int Area) Sizes(FoldedBlock block)
    {
        NamedTensor kernel = block.Kernel;
        return ((int)kernel.Shape[0] / block.Groups, (int)kernel.Shape[1], (int)(kernel.Shape[2] * kernel.Shape[3]));
    }
}
