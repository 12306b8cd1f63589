namespace Derm7pt.MLNet.Onnx;

/// <summary>An image-like value of a graph, [N, channels, h, w], in single precision.</summary>
/// <param name="Name">The name of the value that a node computes.</param>
/// <param name="Channels">The number of channels.</param>
/// <param name="Pending">
/// A map of channels that belongs to the value and that no node has applied yet: the convolution that reads the value absorbs it.
/// </param>
internal sealed record GraphValue(string Name, long Channels, ChannelAffine? Pending = null);

/// <summary>The map x ↦ scale · x + shift of each channel.</summary>
/// <param name="Scale">The name of a value, double [channels].</param>
/// <param name="Shift">The name of a value, double [channels].</param>
internal sealed record ChannelAffine(string Scale, string Shift);

/// <summary>The kernel of a convolution as a value of a graph.</summary>
/// <param name="Name">The name of the value.</param>
/// <param name="Outputs">The number of output channels.</param>
/// <param name="Inputs">The number of input channels of a group.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="IsDouble">Whether the value is in double precision, as the result of folding.</param>
internal sealed record GraphKernel(string Name, long Outputs, long Inputs, long Height, long Width, bool IsDouble = false)
{
    public long[] Shape => [Outputs, Inputs, Height, Width];
}
