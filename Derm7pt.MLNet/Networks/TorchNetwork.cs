using System.Runtime.InteropServices;
using Derm7pt.MLNet.Base;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks;

/// <summary>A tensor of a network and its description.</summary>
internal sealed record TorchParameter(ParameterSpec Spec, Tensor Tensor)
{
    public string Name => Spec.Name;
}

/// <summary>The tensors of a network in torch, to be trained or to take gradients through. One thread at a time may use it.</summary>
internal sealed class TorchNetwork : IDisposable
{
    private readonly OrderedDictionary<string, TorchParameter> _parameters = [];
    private readonly Dictionary<string, Tensor> _constants = [];
    private readonly Dictionary<string, IDisposable> _resources = [];
    private readonly HashSet<string> _frozen = [];

    /// <param name="spec">The description.</param>
    /// <param name="seed">Decides every initial weight.</param>
    /// <param name="device">Where the tensors are; the processor if null.</param>
    /// <param name="type">The precision; double is for references in tests.</param>
    public TorchNetwork(NetworkSpec spec, int seed, Device? device = null, ScalarType type = ScalarType.Float32)
    {
        (Spec, Device, Type) = (spec, device ?? CPU, type);
        var random = new Random(seed);
        foreach (ParameterSpec parameter in spec.Parameters())
        {
            using Tensor values = tensor(parameter.Initialization.Create(parameter.Count, random), parameter.Shape.AsSpan());
            Tensor state = values.to(type, Device, copy: true);
            _parameters.Add(parameter.Name, new TorchParameter(parameter, Keep(parameter.IsLearned ? nn.Parameter(state) : state)));
        }
    }

    public NetworkSpec Spec { get; }

    public Device Device { get; }

    public ScalarType Type { get; }

    /// <summary>Whether normalization uses the statistics of the batch and dropout is applied; a frozen part does neither.</summary>
    public bool IsTraining { get; set; }

    /// <summary>Draws the dropout masks while training; without it nothing is dropped.</summary>
    public Generator? DropoutGenerator { get; set; }

    /// <summary>All tensors, learned and buffers.</summary>
    public IReadOnlyCollection<TorchParameter> Parameters => _parameters.Values;

    /// <summary>The tensors that training changes by their gradients: learned, and not in a frozen part.</summary>
    public IEnumerable<TorchParameter> Trained => _parameters.Values.Where(parameter => parameter.Tensor.requires_grad);

    public Tensor this[string name] => _parameters[name].Tensor;

    private TorchScope Root => new(this, "");

    /// <summary>The scope of a part of the network.</summary>
    /// <param name="path">The part's path, such as <c>sharing.0</c>.</param>
    public TorchScope Scope(string path) => new(this, path);

    /// <summary>Crops and resizes images for the network.</summary>
    /// <param name="images">[N, 3, H, W] in [0, 1], RGB.</param>
    /// <returns>[N, 3, h, w]</returns>
    public Tensor Prepare(Tensor images) => Spec.Input?.Forward(images) ?? images;

    /// <summary>Computes the logits of every task.</summary>
    /// <param name="pixels">[N, 3, h, w] in [0, 1], RGB: what <see cref="Prepare"/> gives.</param>
    /// <param name="stages">Receives the features of the encoder's stages; may be null.</param>
    public NetworkOutput Forward(Tensor pixels, ICollection<Tensor>? stages = null) => Spec.Forward(Root, pixels, stages);

    /// <summary>Computes how much each task uses of each channel after a block, [T, T·C].</summary>
    /// <exception cref="InvalidOperationException">The sharing scheme has no gates.</exception>
    public Tensor Alphas(int block) => Spec.Gates is { } gates
        ? gates.Alphas(Scope(NetworkSpec.SharingPath(block)), Spec.TaskCount, Spec.Blocks[block].Channels)
        : throw new InvalidOperationException($"The sharing scheme {Spec.Sharing.GetType().Name} has no gates.");

    /// <summary>Excludes a part from training: its parameters keep their values, and it is computed as when scoring.</summary>
    /// <param name="path">The part's path, such as <c>encoder</c>.</param>
    public void Freeze(string path)
    {
        _frozen.Add(path);
        foreach (TorchParameter parameter in _parameters.Values.Where(parameter => IsFrozen(parameter.Name)))
            parameter.Tensor.requires_grad = false;
    }

    /// <summary>Determines whether a path lies in a frozen part.</summary>
    public bool IsFrozen(string path) =>
        _frozen.Any(part => path.StartsWith(part, StringComparison.Ordinal) && (path.Length == part.Length || path[part.Length] == '.'));

    /// <summary>A tensor that a layer needs and that is not part of the state; created once.</summary>
    /// <param name="name">Its full name.</param>
    /// <param name="create">Creates it on the processor.</param>
    public Tensor Constant(string name, Func<Tensor> create)
    {
        if (!_constants.TryGetValue(name, out Tensor? constant))
        {
            using Tensor created = create();
            _constants.Add(name, constant = Keep(created.to(Type, Device, copy: true)));
        }

        return constant;
    }

    /// <summary>An object that a layer computes with and that lasts as long as the network; created once.</summary>
    /// <param name="name">Its full name.</param>
    /// <param name="create">Creates it.</param>
    public T Resource<T>(string name, Func<T> create)
        where T : class, IDisposable
    {
        if (!_resources.TryGetValue(name, out IDisposable? resource))
            _resources.Add(name, resource = create());
        return (T)resource;
    }

    /// <summary>Copies the state out of torch.</summary>
    public IReadOnlyList<NamedTensor> Capture()
    {
        using DisposeScope scope = NewDisposeScope();
        return [.. _parameters.Values.Select(parameter => parameter.Tensor.ToNamedTensor(parameter.Name))];
    }

    /// <summary>Copies a captured state into this network.</summary>
    /// <exception cref="InvalidDataException">Names or shapes differ; the message names them. Nothing has been copied then.</exception>
    public void Restore(IReadOnlyList<NamedTensor> state) =>
        TensorState.Copy(state, [.. _parameters.Values.Select(parameter => (parameter.Name, parameter.Tensor))]);

    /// <summary>Copies tensors into a part of the network.</summary>
    /// <param name="path">The part's path, such as <c>encoder</c>.</param>
    /// <param name="state">The tensors, by their names within the part.</param>
    /// <exception cref="InvalidDataException">Names or shapes differ; the message names them. Nothing has been copied then.</exception>
    public void RestorePart(string path, IReadOnlyList<NamedTensor> state)
    {
        string prefix = $"{path}.";
        TensorState.Copy(
            state,
            [
                .. _parameters.Values.Where(parameter => parameter.Name.StartsWith(prefix, StringComparison.Ordinal))
                    .Select(parameter => (parameter.Name[prefix.Length..], parameter.Tensor)),
            ]);
    }

    public void Dispose()
    {
        foreach (TorchParameter parameter in _parameters.Values)
        {
            parameter.Tensor.grad?.Dispose();
            parameter.Tensor.Dispose();
        }

        foreach (Tensor constant in _constants.Values)
            constant.Dispose();
        foreach (IDisposable resource in _resources.Values)
            resource.Dispose();
    }

    // The network may be created within a scope that ends before it.
    private static Tensor Keep(Tensor tensor) => tensor.DetachFromDisposeScope();
}

/// <summary>Moves tensors between torch and <see cref="NamedTensor"/>.</summary>
internal static class TensorState
{
    /// <summary>Copies a tensor out of torch, in single precision.</summary>
    public static NamedTensor ToNamedTensor(this Tensor value, string name)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor cpu = value.detach().to(ScalarType.Float32).cpu().contiguous();
        return new NamedTensor(name, [.. cpu.shape], MemoryMarshal.Cast<byte, float>(cpu.bytes).ToArray());
    }

    /// <summary>Copies values into tensors of the same names and shapes.</summary>
    /// <exception cref="InvalidDataException">Names or shapes differ; the message names them. Nothing has been copied then.</exception>
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
}
