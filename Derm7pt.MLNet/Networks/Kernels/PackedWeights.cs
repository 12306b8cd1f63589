using System.Numerics.Tensors;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>
/// The weights of all groups of a convolution, or sums of their gradients, in the order in which
/// <see cref="TapKernels"/> read them: [groups, ⌈channels / 4⌉, taps, 4].
/// </summary>
internal sealed unsafe class PackedWeights : IDisposable
{
    private const int Together = TapKernels.ChannelsAtOnce;

    private readonly NativeBuffer _values;
    private readonly WeightOrder _order;
    private readonly int _groupLength;

    /// <summary>All values are 0.</summary>
    public PackedWeights(WeightOrder order)
    {
        _order = order;
        _groupLength = (order.Channels + Together - 1) / Together * order.TapOffsets.Length * Together;
        _values = new NativeBuffer(order.Groups * (nint)_groupLength);
    }

    /// <param name="order">How the weights lie.</param>
    /// <param name="weights">The weights.</param>
    public PackedWeights(WeightOrder order, float* weights)
        : this(order)
    {
        for (int group = 0; group < order.Groups; group++)
        {
            float* packed = Group(group);
            for (int first = 0; first < order.Channels; first += Together)
            {
                float* source = weights + order.Offset(group, first);
                int channels = Math.Min(Together, order.Channels - first);
                foreach (int tap in order.TapOffsets)
                {
                    for (int channel = 0; channel < channels; channel++)
                        packed[channel] = source[(channel * order.ChannelStride) + tap];
                    packed += Together;
                }
            }
        }
    }

    /// <summary>The packed weights of a group.</summary>
    public float* Group(int group) => _values.Start + (group * (nint)_groupLength);

    /// <summary>Adds other sums to these.</summary>
    public void Add(PackedWeights other)
    {
        for (int group = 0; group < _order.Groups; group++)
        {
            var sums = new Span<float>(Group(group), _groupLength);
            TensorPrimitives.Add(sums, new ReadOnlySpan<float>(other.Group(group), _groupLength), sums);
        }
    }

    /// <summary>Writes the values to where the weights lie that they belong to.</summary>
    public void Unpack(float* weights)
    {
        for (int group = 0; group < _order.Groups; group++)
        {
            float* packed = Group(group);
            for (int first = 0; first < _order.Channels; first += Together)
            {
                float* target = weights + _order.Offset(group, first);
                int channels = Math.Min(Together, _order.Channels - first);
                foreach (int tap in _order.TapOffsets)
                {
                    for (int channel = 0; channel < channels; channel++)
                        target[(channel * _order.ChannelStride) + tap] = packed[channel];
                    packed += Together;
                }
            }
        }
    }

    public void Dispose() => _values.Dispose();
}

/// <summary>Describes the order of the weights of a grouped convolution in a tensor.</summary>
/// <param name="Groups">The number of groups.</param>
/// <param name="GroupStride">From a group to the next one.</param>
/// <param name="Channels">The channels that a group's convolution computes.</param>
/// <param name="ChannelStride">From a channel to the next one.</param>
/// <param name="TapOffsets">From a channel's first weight to that of each tap.</param>
internal sealed record WeightOrder(int Groups, int GroupStride, int Channels, int ChannelStride, int[] TapOffsets)
{
    public nint Offset(int group, int channel) => ((nint)group * GroupStride) + ((nint)channel * ChannelStride);

    /// <summary>The order of weights [groups, outputs, inputs, places].</summary>
    public static WeightOrder Forward(int groups, int outputs, int inputs, int places) =>
        new(groups, outputs * inputs * places, outputs, inputs * places, [.. Enumerable.Range(0, inputs * places)]);

    /// <summary>The same weights for the backward pass: inputs are what is computed, outputs × places the taps.</summary>
    /// <param name="groups">The number of groups.</param>
    /// <param name="outputs">Outputs of a group.</param>
    /// <param name="inputs">Inputs of a group.</param>
    /// <param name="places">Places of the kernel.</param>
    /// <param name="used">How many of the inputs get a gradient, the first ones.</param>
    public static WeightOrder Backward(int groups, int outputs, int inputs, int places, int used) =>
        new(groups, outputs * inputs * places, used, places,
            [.. from output in Enumerable.Range(0, outputs) from place in Enumerable.Range(0, places) select (output * inputs * places) + place]);
}
