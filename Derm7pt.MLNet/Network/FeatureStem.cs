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

    // The same values in channels-last memory, which every layer after it keeps: on the processor pooling is some eight
    // times as fast in it, and the grouped convolution of the second block twice.
    public override Tensor forward(Tensor pixels) => pixels.device.type == TorchSharp.DeviceType.CPU ? pixels : pixels.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
}
