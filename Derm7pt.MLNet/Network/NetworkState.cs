using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Network;

/// <summary>The network's state (parameters and running statistics) outside torch, by name.</summary>
internal static class NetworkState
{
    /// <summary>Copies the state to memory of its own.</summary>
    public static IReadOnlyList<NamedTensor> Capture(GatedMultiTaskNetwork network)
    {
        using DisposeScope scope = NewDisposeScope();
        return [.. Tensors(network).Select(t => ToNamedTensor(t.Name, t.Value))];
    }

    /// <summary>Copies a captured state into a network of the same shape.</summary>
    /// <exception cref="InvalidDataException">
    /// Names or shapes differ; the message says which. Nothing has been copied then.
    /// </exception>
    public static void Restore(GatedMultiTaskNetwork network, IReadOnlyList<NamedTensor> state) =>
        Copy(state, [.. Tensors(network)]);

    /// <summary>Copies values into tensors of the same names and shapes.</summary>
    /// <exception cref="InvalidDataException">
    /// Names or shapes differ; the message says which. Nothing has been copied then.
    /// </exception>
    public static void Copy(IReadOnlyList<NamedTensor> state, IReadOnlyList<(string Name, Tensor Value)> targets)
    {
        Dictionary<string, NamedTensor> sources = state.DistinctBy(t => t.Name).ToDictionary(t => t.Name);
        var problems = new List<string>();
        if (sources.Count < state.Count)
            problems.Add("names occur twice");
        foreach ((string name, Tensor target) in targets)
        {
            if (!sources.TryGetValue(name, out NamedTensor? source))
                problems.Add($"'{name}' is missing");
            else if (!source.Shape.AsSpan().SequenceEqual(target.shape))
                problems.Add($"'{name}' has shape [{string.Join(", ", source.Shape)}], expected [{string.Join(", ", target.shape)}]");
        }

        problems.AddRange(sources.Keys.Except(targets.Select(t => t.Name)).Select(name => $"'{name}' is not a tensor of this network"));
        if (problems.Count > 0)
            throw new InvalidDataException($"The weights do not fit the network: {string.Join("; ", problems)}.");

        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        foreach ((string name, Tensor target) in targets)
            target.copy_(tensor(sources[name].Values, sources[name].Shape.AsSpan(), target.dtype));
    }

    public static NamedTensor ToNamedTensor(string name, Tensor value)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor cpu = value.detach().to(float32).cpu().contiguous();
        return new NamedTensor(name, [.. cpu.shape], MemoryMarshal.Cast<byte, float>(cpu.bytes).ToArray());
    }

    private static IEnumerable<(string Name, Tensor Value)> Tensors(GatedMultiTaskNetwork network)
    {
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in network.named_parameters())
            yield return (name, parameter);
        for (int block = 0; block < network.Sharing.Count; block++)
        {
            (Tensor mean, Tensor variance) = network.Sharing[block].RunningStatistics;
            yield return (NetworkStateLayout.RunningMean(block), mean);
            yield return (NetworkStateLayout.RunningVariance(block), variance);
        }
    }
}
