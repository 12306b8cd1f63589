namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>Sizes of a 1×1 convolution of all tasks whose rectified output is averaged over the positions of each image.</summary>
/// <remarks>
/// Images that are so late in the network are small. Several of them lie one after the other in a plane, so that the
/// positions that make up a multiple are few and a weight that is read serves many positions.
/// </remarks>
/// <param name="Groups">T.</param>
/// <param name="InputChannels">Channels of the features, all of which every group reads.</param>
/// <param name="Channels">M, the channels that a group's convolution gives.</param>
/// <param name="Positions">Positions of an image: height · width.</param>
internal sealed record AveragedMixingGeometry(int Groups, int InputChannels, int Channels, int Positions)
{
    private const int LineFloats = 16;
    private const int PositionsTogether = 6 * TapKernels.PositionsAtOnce;

    /// <summary>Images in a plane.</summary>
    public int ImagesTogether => Math.Max(1, PositionsTogether / Positions);

    /// <summary>From a plane to the next one: an odd number of cache lines, as in <see cref="BlockGeometry.PlaneStride"/>.</summary>
    public nint PlaneStride => (((Computed(ImagesTogether * Positions) + LineFloats - 1) / LineFloats) | 1) * LineFloats;

    /// <summary>Channels of all groups.</summary>
    public int AllChannels => Groups * Channels;

    /// <summary>The taps of the convolution: its input channels, then a plane of ones for the bias.</summary>
    public nint[] Taps() => Planes(InputChannels + 1);

    /// <summary>The taps of the backward pass through it.</summary>
    public nint[] GradientTaps() => Planes(Channels);

    /// <summary>Weights [groups, M, input channels + 1].</summary>
    public WeightOrder Order => WeightOrder.Forward(Groups, Channels, InputChannels + 1, places: 1);

    /// <summary>The same weights for the backward pass; nothing flows back to the ones.</summary>
    public WeightOrder GradientOrder => WeightOrder.Backward(Groups, Channels, InputChannels + 1, places: 1, used: InputChannels);

    /// <summary>Rounds a number of positions up to the number that is computed.</summary>
    public static int Computed(int positions) =>
        (positions + TapKernels.PositionsAtOnce - 1) / TapKernels.PositionsAtOnce * TapKernels.PositionsAtOnce;

    private nint[] Planes(int count)
    {
        nint stride = PlaneStride;
        return [.. Enumerable.Range(0, count).Select(plane => plane * stride)];
    }
}
