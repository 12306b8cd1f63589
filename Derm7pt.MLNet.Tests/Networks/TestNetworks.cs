using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Networks;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Networks;

/// <summary>Small networks and inputs for tests.</summary>
internal static class TestNetworks
{
    public static NetworkSpec Spec(GateMode gates, int[]? filters = null) =>
        NetworkSpec.Gated([5, 3, 2, 3], filters ?? [2, 3, 4], gates, gateSteepness: 3, dropout: 0.3);

    /// <summary>Creates a network in which no tensor has its initial value: biases, gates and running statistics are random too.</summary>
    public static TorchNetwork Random(GateMode gates, int seed = 7, NetworkSpec? spec = null, ScalarType type = ScalarType.Float32)
    {
        var network = new TorchNetwork(spec ?? Spec(gates), seed, type: type);
        var random = new Random(seed);
        network.Restore([.. network.Capture().Select(Randomize)]);
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
