using Derm7pt.MLNet.Network;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>Adam over a network's kernels, biases and gates.</summary>
internal sealed class NetworkOptimizer : IDisposable
{
    private readonly Adam _adam;

    // In the order of Adam's state: group by group.
    private readonly string[] _names;

    /// <param name="network">The network, on the device on which it is trained.</param>
    /// <param name="settings">The learning rates and the L2 term.</param>
    public NetworkOptimizer(GatedMultiTaskNetwork network, TrainingSettings settings)
    {
        (string Name, Parameter Parameter, bool IsKernel)[] weights = [.. network.Weights];
        (string Name, Parameter Parameter)[] kernels = [.. weights.Where(w => w.IsKernel).Select(w => (w.Name, w.Parameter))];
        (string Name, Parameter Parameter)[] biases = [.. weights.Where(w => !w.IsKernel).Select(w => (w.Name, w.Parameter))];
        (string Name, Parameter Parameter)[] gates =
            [.. network.named_parameters().ExceptBy(weights.Select(w => w.Name), p => p.name)];

        // The L2 term is Adam's weight decay: adding λ·w to the gradient of a kernel is the gradient of ½·λ·‖w‖².
        var groups = new List<Adam.ParamGroup>
        {
            new(kernels.Select(p => p.Parameter), settings.LearningRate, weight_decay: settings.L2Regularization),
            new(biases.Select(p => p.Parameter), settings.LearningRate),
        };
        if (gates.Length > 0)
            groups.Add(new Adam.ParamGroup(gates.Select(p => p.Parameter), settings.GateLearningRate));
        _adam = new Adam(groups, settings.LearningRate);
        _names = [.. kernels.Concat(biases).Concat(gates).Select(p => p.Name)];
    }

    /// <summary>Changes the parameters by the gradient of a loss.</summary>
    public void Step(Tensor loss)
    {
        _adam.zero_grad();
        loss.backward();
        _adam.step();
    }

    /// <summary>Copies what Adam knows to memory of its own.</summary>
    public IReadOnlyList<AdamMoments> Capture() =>
    [
        .. States.Select(s => new AdamMoments(
            s.State.step, NetworkState.ToNamedTensor(s.Name, s.State.exp_avg), NetworkState.ToNamedTensor(s.Name, s.State.exp_avg_sq))),
    ];

    /// <summary>Goes on with what was captured from an optimizer of an equal network.</summary>
    /// <exception cref="InvalidDataException">Names or shapes differ; the message says which.</exception>
    public void Restore(IReadOnlyList<AdamMoments> moments)
    {
        (string Name, Adam.State State)[] states = [.. States];
        NetworkState.Copy([.. moments.Select(m => m.First)], [.. states.Select(s => (s.Name, s.State.exp_avg))]);
        NetworkState.Copy([.. moments.Select(m => m.Second)], [.. states.Select(s => (s.Name, s.State.exp_avg_sq))]);
        Dictionary<string, long> steps = moments.ToDictionary(m => m.First.Name, m => m.Steps);
        foreach ((string name, Adam.State state) in states)
            state.step = steps[name];
    }

    public void Dispose() => _adam.Dispose();

    // state_dict hands out the optimizer's own objects, not copies.
    private IEnumerable<(string Name, Adam.State State)> States =>
        _names.Zip(_adam.state_dict().State.Cast<Adam.State>());
}
