using static TorchSharp.torch;

namespace Derm7pt.MLNet.Network;

/// <summary>What turns pixels into the features that the first block of every task reads.</summary>
internal abstract class FeatureStem(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>The number of channels that the stem gives.</summary>
    public abstract int Channels { get; }
}

/// <summary>No stem: the first block reads the pixels themselves, as in the paper.</summary>
internal sealed class PixelStem() : FeatureStem(nameof(PixelStem))
{
    public override int Channels => NetworkShape.PixelChannels;

    public override Tensor forward(Tensor pixels) => pixels;
}
