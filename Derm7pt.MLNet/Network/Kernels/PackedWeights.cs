namespace Derm7pt.MLNet.Network.Kernels;

/// <summary>The weights of all groups of a convolution in the order in which <see cref="TapKernels"/> read them.</summary>
internal sealed unsafe class PackedWeights : IDisposable
{
    private readonly NativeBuffer _values;
    private readonly int _groups;
    private readonly int _channels;
    private readonly int _taps;

    /// <summary>Room for weights, or for sums of their gradients: all 0.</summary>
    public PackedWeights(int groups, int channels, int taps)
    {
        (_groups, _channels, _taps) = (groups, channels, taps);
        int blocks = (channels + TapKernels.ChannelsAtOnce - 1) / TapKernels.ChannelsAtOnce;
        GroupLength = (nint)blocks * taps * TapKernels.ChannelsAtOnce;
        _values = new NativeBuffer(groups * GroupLength);
    }

    private nint GroupLength { get; }

    /// <summary>The packed weights of a group.</summary>
    public float* Group(int group) => _values.Start + (group * GroupLength);

    /// <summary>Packs weights [groups, channels, taps].</summary>
    public static PackedWeights Pack(float* weights, int groups, int channels, int taps)
    {
        var packed = new PackedWeights(groups, channels, taps);
        packed.ForEach((group, channel, tap, at) => at[0] = weights[(((((nint)group * channels) + channel) * taps) + tap)]);
        return packed;
    }

    /// <summary>
    /// Packs weights [groups, outputs, inputs, places] for the way back, where inputs are the channels that are computed
    /// and outputs × places the taps.
    /// </summary>
    /// <param name="weights">The weights.</param>
    /// <param name="groups">The number of groups.</param>
    /// <param name="outputs">Output channels of a group.</param>
    /// <param name="inputs">Input channels, as they lie in memory.</param>
    /// <param name="places">Places of the kernel.</param>
    /// <param name="used">How many input channels get a gradient: all, or all but the last.</param>
    public static PackedWeights PackTransposed(float* weights, int groups, int outputs, int inputs, int places, int used)
    {
        var packed = new PackedWeights(groups, used, outputs * places);
        packed.ForEach((group, channel, tap, at) =>
        {
            (int output, int place) = Math.DivRem(tap, places);
            at[0] = weights[(((((((nint)group * outputs) + output) * inputs) + channel) * places) + place)];
        });
        return packed;
    }

    /// <summary>Adds what this holds to weights [groups, channels, taps].</summary>
    public void AddTo(float* weights) =>
        ForEach((group, channel, tap, at) => weights[(((((nint)group * _channels) + channel) * _taps) + tap)] += at[0]);

    public void Dispose() => _values.Dispose();

    private unsafe delegate void Visit(int group, int channel, int tap, float* at);

    private void ForEach(Visit visit)
    {
        for (int group = 0; group < _groups; group++)
        {
            float* at = Group(group);
            for (int first = 0; first < _channels; first += TapKernels.ChannelsAtOnce)
            {
                int channels = Math.Min(TapKernels.ChannelsAtOnce, _channels - first);
                for (int tap = 0; tap < _taps; tap++, at += TapKernels.ChannelsAtOnce)
                {
                    for (int i = 0; i < channels; i++)
                        visit(group, first + i, tap, at + i);
                }
            }
        }
    }
}
