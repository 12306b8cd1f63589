using System.Collections.Immutable;

namespace Derm7pt.MLNet.Network;

/// <summary>Everything that decides which tensors the network has, and how large they are.</summary>
/// <param name="LabelCounts">The number of labels of each task; its length is T, the number of tasks.</param>
/// <param name="Filters">C of each block: the channels that a task's convolution gives.</param>
/// <param name="Gates">Whether the gates between tasks are learned or closed.</param>
/// <param name="GateSteepness">γ in α = 1 / (1 + exp(−γ·a)).</param>
/// <param name="Dropout">The share of units that dropout zeroes in the heads, in [0, 1).</param>
internal sealed record NetworkShape(
    ImmutableArray<int> LabelCounts,
    ImmutableArray<int> Filters,
    GateMode Gates,
    double GateSteepness,
    double Dropout)
{
    /// <summary>Mixing convolutions are this many times as wide as the features they read.</summary>
    public const int MixFactor = 4;

    public const int PixelChannels = 3;

    public int TaskCount => LabelCounts.Length;

    public int BlockCount => Filters.Length;

    /// <summary>The kernel size of a block's convolution: 5 in the first block, 3 after it.</summary>
    public static int KernelSize(int block) => block == 0 ? 5 : 3;

    /// <summary>The stride of a block's convolution: 2 in the first block, 1 after it.</summary>
    public static int Stride(int block) => block == 0 ? 2 : 1;

    /// <summary>The height or width after each block; 0 from where the image is too small for the network.</summary>
    public int[] Extents(int imageExtent)
    {
        var extents = new int[BlockCount];
        for (int block = 0, extent = imageExtent; block < BlockCount; block++)
        {
            extent = extent < KernelSize(block) ? 0 : (((extent - KernelSize(block)) / Stride(block)) + 1) / 2;
            extents[block] = extent;
        }

        return extents;
    }

    /// <summary>The height or width after all blocks; 0 where the image is too small for the network.</summary>
    public int FinalExtent(int imageExtent) => Extents(imageExtent)[^1];

    /// <summary>The smallest height or width that leaves one position after the last block.</summary>
    public int MinimumImageExtent => Enumerable.Range(1, int.MaxValue - 1).First(extent => FinalExtent(extent) >= 1);

    /// <summary>The number of gates that are fixed at 1: for every block and task, its own channels.</summary>
    public int OwnGateCount => TaskCount * Filters.Sum();

    /// <summary>The number of gates that are learned: for every block and task, the channels of the other tasks.</summary>
    public int LearnedGateCount =>
        Gates == GateMode.Closed ? 0 : Filters.Sum(channels => TaskCount * (TaskCount - 1) * channels);
}
