namespace Derm7pt.MLNet.Networks;

/// <summary>Defines the limits of networks. They are far above usual sizes, and low enough to prevent excessive memory use.</summary>
internal static class NetworkLimits
{
    public const int Blocks = 16;

    /// <summary>Channels of a task after a block.</summary>
    public const int Filters = 16_384;

    /// <summary>The kernel size and the stride of a convolution.</summary>
    public const int KernelExtent = 64;

    /// <summary>Gates of all blocks together; each has a name in the file.</summary>
    public const int Gates = 1 << 18;

    /// <summary>Height and width of an image.</summary>
    public const int ImageExtent = 8_192;
}
