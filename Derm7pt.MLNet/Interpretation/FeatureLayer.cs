using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Interpretation;

/// <summary>The features of a network that a <see cref="GradCam"/> map is drawn from.</summary>
/// <param name="Index">The zero-based block, or stage of the encoder.</param>
/// <param name="IsStage">Whether they are those of a stage of the encoder.</param>
/// <param name="Name">What it is called in texts.</param>
internal sealed record FeatureLayer(int Index, bool IsStage, string Name)
{
    public static FeatureLayer OfBlock(NetworkSpec network, int block) =>
        new(block, IsStage: false, Invariant($"block {block + 1} of {network.BlockCount}"));

    public static FeatureLayer OfStage(NetworkSpec network, int stage) =>
        new(stage, IsStage: true, $"the encoder's stage at '{network.Encoder.Stages()[stage].Name}'");

    /// <summary>The last features that have enough positions: those of a block, or else of a stage; the first block where none have.</summary>
    /// <param name="network">The network.</param>
    /// <param name="height">The height of the images.</param>
    /// <param name="width">The width of the images.</param>
    /// <param name="positions">How many positions there should be, each way.</param>
    public static FeatureLayer Sharp(NetworkSpec network, int height, int width, int positions)
    {
        int block = Array.FindLastIndex(network.Extents(Math.Min(height, width)), extent => extent >= positions);
        if (block >= 0)
            return OfBlock(network, block);
        (int readHeight, int readWidth) = network.InputSize(height, width);
        int stage = network.Encoder.Stages().ToList().FindLastIndex(candidate => Math.Min(readHeight, readWidth) / candidate.Reduction >= positions);
        return stage >= 0 ? OfStage(network, stage) : OfBlock(network, 0);
    }

    public override string ToString() => Name;
}
