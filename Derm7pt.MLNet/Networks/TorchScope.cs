using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks;

/// <summary>A layer's tensors by their names within the layer, while torch computes the layer.</summary>
/// <param name="network">The network that holds the tensors.</param>
/// <param name="path">The layer's path; empty for the network itself.</param>
/// <param name="isFrozen">Whether the layer is computed as when scoring, whatever the rest of the network does.</param>
internal readonly struct TorchScope(TorchNetwork network, string path, bool isFrozen = false)
{
    /// <summary>Whether normalization uses the statistics of the batch and dropout is applied.</summary>
    /// <remarks>A frozen part is computed as when scoring, whatever the rest of the network does.</remarks>
    public bool IsTraining => network.IsTraining && !isFrozen && !network.IsFrozen(path);

    /// <summary>Draws dropout masks; <see langword="null"/> if nothing is dropped.</summary>
    public Generator? Dropout => IsTraining ? network.DropoutGenerator : null;

    /// <summary>A tensor of the layer.</summary>
    public Tensor this[string name] => network[Join(name)];

    /// <summary>A tensor that the layer needs and that is not part of the state; created once.</summary>
    public Tensor Constant(string name, Func<Tensor> create) => network.Constant(Join(name), create);

    /// <summary>An object that the layer computes with and that lasts as long as the network; created once.</summary>
    public T Resource<T>(string name, Func<T> create)
        where T : class, IDisposable => network.Resource(Join(name), create);

    /// <summary>The scope of a part of the layer.</summary>
    public TorchScope In(string part) => new(network, Join(part), isFrozen);

    /// <summary>The scope of the same layer where it is frozen.</summary>
    public TorchScope Frozen() => new(network, path, isFrozen: true);

    private string Join(string name) => path.Length == 0 ? name : $"{path}.{name}";
}
