namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>Sizes of a block for one image, and where its values lie in memory.</summary>
/// <remarks>
/// All planes of a block are equally far apart, padded in front for the taps that reach back and behind for the
/// positions that make up a multiple; the padding is 0 and stays so.
/// </remarks>
internal sealed record BlockGeometry
{
    private const int LineFloats = 16;

    /// <param name="groups">T, or 1 in the first block, where every task reads the same pixels.</param>
    /// <param name="inputChannels">Channels of the block's input.</param>
    /// <param name="mixedChannels">M, the channels that a group's mixing convolution gives; 0 in the first block.</param>
    /// <param name="channels">C, the channels that a group's convolution gives.</param>
    /// <param name="kernelSize">k of the convolution.</param>
    /// <param name="stride">The convolution's step: 1 or 2.</param>
    /// <param name="height">Rows of the block's input.</param>
    /// <param name="width">Columns of the block's input.</param>
    public BlockGeometry(
        int groups, int inputChannels, int mixedChannels, int channels, int kernelSize, int stride, int height, int width)
    {
        (Groups, InputChannels, MixedChannels, Channels) = (groups, inputChannels, mixedChannels, channels);
        (KernelSize, Stride, Height, Width) = (kernelSize, stride, height, width);
        Pitch = (width + stride - 1) / stride;
        PlanePositions = (height + stride - 1) / stride * Pitch;
        int convolvedHeight = ((height - kernelSize) / stride) + 1, convolvedWidth = ((width - kernelSize) / stride) + 1;
        ConvolvedPositions = ((convolvedHeight - 1) * Pitch) + convolvedWidth;
        (PooledHeight, PooledWidth) = (convolvedHeight / 2, convolvedWidth / 2);
        Reach = (kernelSize - 1) / stride * (Pitch + 1);

        int needed = Reach + PlanePositions + TapKernels.PositionsAtOnce + Reach;
        int lines = (needed + LineFloats - 1) / LineFloats;
        // An odd number of cache lines: planes that are a power of two apart would all compete for the same lines.
        PlaneStride = (lines | 1) * LineFloats;
    }

    public int Groups { get; }

    public int InputChannels { get; }

    public int MixedChannels { get; }

    public int Channels { get; }

    public int KernelSize { get; }

    public int Stride { get; }

    public int Height { get; }

    public int Width { get; }

    /// <summary>Whether a 1×1 convolution comes first.</summary>
    public bool Mixes => MixedChannels > 0;

    /// <summary>From a row of a plane to the next one.</summary>
    public int Pitch { get; }

    /// <summary>Positions of an input plane.</summary>
    public int PlanePositions { get; }

    /// <summary>From the first to the last position of the convolution, those over the right edge between them included.</summary>
    public int ConvolvedPositions { get; }

    public int PooledHeight { get; }

    public int PooledWidth { get; }

    /// <summary>The maximum offset of a tap of the convolution.</summary>
    public int Reach { get; }

    /// <summary>From a plane to the next one.</summary>
    public nint PlaneStride { get; }

    /// <summary>Planes of the input: a step of 2 reads the four planes of even and odd rows and columns.</summary>
    public int InputPlanes => InputChannels * Stride * Stride;

    /// <summary>Values of the input of one image.</summary>
    public nint InputLength => (nint)InputChannels * Height * Width;

    /// <summary>Values that a group gives for one image.</summary>
    public nint PooledGroupLength => (nint)Channels * PooledHeight * PooledWidth;

    /// <summary>Values that the block gives for one image.</summary>
    public nint PooledLength => Groups * PooledGroupLength;

    /// <summary>Input channels of a group's convolution.</summary>
    public int ConvolvedChannels => Mixes ? MixedChannels : InputChannels;

    /// <summary>The taps of a group's k×k convolution, in the order of its weights: input channel, row, column.</summary>
    public nint[] KernelTaps() =>
        [.. from channel in Enumerable.Range(0, ConvolvedChannels)
            from row in Enumerable.Range(0, KernelSize)
            from column in Enumerable.Range(0, KernelSize)
            select (((((nint)channel * Stride) + (row % Stride)) * Stride) + (column % Stride)) * PlaneStride
                + (row / Stride * Pitch) + (column / Stride)];

    /// <summary>The taps of the backward pass through it: output channel, row, column.</summary>
    public nint[] KernelGradientTaps() =>
        [.. from channel in Enumerable.Range(0, Channels)
            from row in Enumerable.Range(0, KernelSize)
            from column in Enumerable.Range(0, KernelSize)
            select (channel * PlaneStride) - (row * Pitch) - column];

    /// <summary>The taps of a group's 1×1 convolution: its input channels, then a plane of ones for the bias.</summary>
    public nint[] MixTaps() => Planes(InputChannels + 1);

    /// <summary>The taps of the backward pass through it.</summary>
    public nint[] MixGradientTaps() => Planes(MixedChannels);

    /// <summary>Weights [groups, C, convolved channels, k, k].</summary>
    public WeightOrder KernelOrder => WeightOrder.Forward(Groups, Channels, ConvolvedChannels, KernelSize * KernelSize);

    public WeightOrder KernelGradientOrder =>
        WeightOrder.Backward(Groups, Channels, ConvolvedChannels, KernelSize * KernelSize, used: ConvolvedChannels);

    /// <summary>Weights [groups, M, input channels + 1].</summary>
    public WeightOrder MixOrder => WeightOrder.Forward(Groups, MixedChannels, InputChannels + 1, places: 1);

    /// <summary>Nothing flows back to the ones.</summary>
    public WeightOrder MixGradientOrder => WeightOrder.Backward(Groups, MixedChannels, InputChannels + 1, places: 1, used: InputChannels);

    private nint[] Planes(int count) => [.. Enumerable.Range(0, count).Select(plane => plane * PlaneStride)];
}
