using Derm7pt.MLNet.Network;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Network;

/// <summary>Small networks and inputs for tests.</summary>
internal static class Networks
{
    public static NetworkShape Shape(GateMode gates, int[]? filters = null) =>
        new([5, 3, 2, 3], [.. filters ?? [2, 3, 4]], gates, GateSteepness: 3, Dropout: 0.3);

    /// <summary>A network in which no tensor is at its initial value: biases, gates and running statistics are random too.</summary>
    public static GatedMultiTaskNetwork Random(GateMode gates, int seed = 7, NetworkShape? shape = null)
    {
        var network = new GatedMultiTaskNetwork(shape ?? Shape(gates), seed);
        var random = new Random(seed);
        NetworkState.Restore(network, [.. NetworkState.Capture(network).Select(Randomize)]);
        return network;

        NamedTensor Randomize(NamedTensor t) =>
            t.Name.EndsWith("running_var", StringComparison.Ordinal) ? t with { Values = [.. t.Values.Select(_ => 0.5f + random.NextSingle())] }
            : t.Name.EndsWith("weight", StringComparison.Ordinal) || t.Name.EndsWith("kernel", StringComparison.Ordinal) ? t
            : t with { Values = [.. t.Values.Select(_ => random.NextSingle() - 0.5f)] };
    }

    public static Tensor Pixels(int count, int extent, int seed = 1)
    {
        var random = new Random(seed);
        return tensor([.. Enumerable.Range(0, count * 3 * extent * extent).Select(_ => random.NextSingle())], [count, 3, extent, extent]);
    }
}
