using Derm7pt.MLNet.Networks;
using TorchSharp.Modules;

namespace Derm7pt.MLNet.Training;

/// <summary>Adam over a network's kernels, biases and gates, which are told apart by their roles.</summary>
internal sealed class NetworkOptimizer : IDisposable
{
    private readonly Adam _adam;

    // In the order of Adam's state: group by group.
    private readonly string[] _names;

    /// <param name="network">The network, on the device on which it is trained. What is frozen is left out.</param>
    /// <param name="options">The learning rates and the L2 term.</param>
    public NetworkOptimizer(TorchNetwork network, TrainingOptions options)
    {
        ILookup<Group, TorchParameter> groups = network.Trained.ToLookup(parameter => GroupOf(parameter.Spec.Role));
        // The L2 term is Adam's weight decay: adding λ·w to the gradient of a kernel is the gradient of ½·λ·‖w‖².
        (Group Group, double Rate, double Decay)[] rates =
        [
            (Group.Kernels, options.LearningRate, options.L2Regularization),
            (Group.Others, options.LearningRate, 0),
            (Group.Gates, options.GateLearningRate, 0),
        ];
        (Group Group, double Rate, double Decay)[] present = [.. rates.Where(rate => groups.Contains(rate.Group))];
        _adam = new Adam(
            present.Select(rate => new Adam.ParamGroup(
                groups[rate.Group].Select(parameter => (Parameter)parameter.Tensor), rate.Rate, weight_decay: rate.Decay)),
            options.LearningRate);
        _names = [.. present.SelectMany(rate => groups[rate.Group]).Select(parameter => parameter.Name)];
    }

    private enum Group
    {
        Kernels,
        Others,
        Gates,
    }

    /// <summary>Sets the gradients of all parameters to zero, before a backward pass adds to them.</summary>
    public void ClearGradients() => _adam.zero_grad();

    /// <summary>Changes the parameters by the gradients that backward passes have added up.</summary>
    public void Step() => _adam.step();

    /// <summary>Copies Adam's state out of torch.</summary>
    public IReadOnlyList<AdamMoments> Capture() =>
    [
        .. States.Select(s => new AdamMoments(s.State.step, s.State.exp_avg.ToNamedTensor(s.Name), s.State.exp_avg_sq.ToNamedTensor(s.Name))),
    ];

    /// <summary>Continues from the state of an optimizer of an equal network.</summary>
    /// <exception cref="InvalidDataException">Names or shapes differ; the message says which.</exception>
    public void Restore(IReadOnlyList<AdamMoments> moments)
    {
        (string Name, Adam.State State)[] states = [.. States];
        TensorState.Copy([.. moments.Select(m => m.First)], [.. states.Select(s => (s.Name, s.State.exp_avg))]);
        TensorState.Copy([.. moments.Select(m => m.Second)], [.. states.Select(s => (s.Name, s.State.exp_avg_sq))]);
        Dictionary<string, long> steps = moments.ToDictionary(m => m.First.Name, m => m.Steps);
        foreach ((string name, Adam.State state) in states)
            state.step = steps[name];
    }

    public void Dispose() => _adam.Dispose();

    private static Group GroupOf(ParameterRole role) => role switch
    {
        ParameterRole.Kernel => Group.Kernels,
        ParameterRole.Gate => Group.Gates,
        _ => Group.Others,
    };

    // state_dict hands out the optimizer's own objects, not copies.
    private IEnumerable<(string Name, Adam.State State)> States =>
        _names.Zip(_adam.state_dict().State.Cast<Adam.State>());
}
