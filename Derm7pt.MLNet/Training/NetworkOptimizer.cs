using Derm7pt.MLNet.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>Optimizes a network's parameters, grouped by their roles, with Adam and optional decoupled weight decay.</summary>
internal sealed class NetworkOptimizer : IDisposable
{
    private readonly Adam _adam;
    private readonly Rates[] _rates;

    // The parameters have the order of Adam's state, group by group.
    private readonly string[] _names;

    /// <param name="network">The network, on the device on which it is trained. Frozen parameters are excluded.</param>
    /// <param name="options">The learning rates, the L2 term and the weight decay.</param>
    public NetworkOptimizer(TorchNetwork network, TrainingOptions options)
    {
        ILookup<Group, TorchParameter> groups = network.Trained.ToLookup(parameter => GroupOf(parameter.Spec));
        double encoderRate = options.EncoderLearningRate ?? options.LearningRate;
        // The L2 term is Adam's weight decay: adding λ·w to the gradient of a kernel is the gradient of ½·λ·‖w‖².
        (Group Group, double Rate, double L2, double Decay)[] rates =
        [
            (Group.Kernels, options.LearningRate, options.L2Regularization, options.WeightDecay),
            (Group.Others, options.LearningRate, 0, 0),
            (Group.Gates, options.GateLearningRate, 0, 0),
            (Group.EncoderKernels, encoderRate, options.L2Regularization, options.WeightDecay),
            (Group.EncoderOthers, encoderRate, 0, 0),
        ];
        _rates =
        [
            .. from rate in rates
               where groups.Contains(rate.Group)
               let parameters = groups[rate.Group].Select(parameter => (Parameter)parameter.Tensor).ToArray()
               select new Rates(new Adam.ParamGroup(parameters, rate.Rate, weight_decay: rate.L2), parameters, rate.Rate, rate.Decay),
        ];
        _adam = new Adam(_rates.Select(rate => rate.Group), options.LearningRate);
        _names = [.. rates.SelectMany(rate => groups[rate.Group]).Select(parameter => parameter.Name)];
    }

    private enum Group
    {
        Kernels,
        Others,
        Gates,
        EncoderKernels,
        EncoderOthers,
    }

    /// <summary>Sets the gradients of all parameters to zero, before a backward pass adds to them.</summary>
    public void ClearGradients() => _adam.zero_grad();

    /// <summary>Updates the parameters with the accumulated gradients.</summary>
    /// <param name="factor">Multiplies the learning rates of this step.</param>
    public void Step(double factor = 1)
    {
        using var _ = no_grad();
        foreach (Rates rates in _rates)
        {
            rates.Group.LearningRate = rates.Rate * factor;
            // As in PyTorch's AdamW, the decay comes before Adam's own change. Gradients have been computed before it.
            if (rates.Decay > 0)
                Array.ForEach(rates.Parameters, parameter => parameter.mul_(1 - (rates.Rate * factor * rates.Decay)));
        }

        _adam.step();
    }

    /// <summary>Copies Adam's state out of torch.</summary>
    public IReadOnlyList<AdamMoments> Capture() =>
    [
        .. States.Select(s => new AdamMoments(s.State.step, s.State.exp_avg.ToNamedTensor(s.Name), s.State.exp_avg_sq.ToNamedTensor(s.Name))),
    ];

    /// <summary>Continues from the state of an optimizer of an equal network.</summary>
    /// <exception cref="InvalidDataException">Names or shapes differ; the message states which.</exception>
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

    private static Group GroupOf(ParameterSpec parameter) => parameter switch
    {
        { Role: ParameterRole.Gate } => Group.Gates,
        { Role: ParameterRole.Kernel } => parameter.IsEncoder ? Group.EncoderKernels : Group.Kernels,
        _ => parameter.IsEncoder ? Group.EncoderOthers : Group.Others,
    };

    // state_dict returns the optimizer's own objects, not copies.
    private IEnumerable<(string Name, Adam.State State)> States =>
        _names.Zip(_adam.state_dict().State.Cast<Adam.State>());

    /// <param name="Group">The parameter group of Adam.</param>
    /// <param name="Parameters">Its parameters.</param>
    /// <param name="Rate">The learning rate before a schedule changes it.</param>
    /// <param name="Decay">λ of the decoupled weight decay.</param>
    private sealed record Rates(Adam.ParamGroup Group, Parameter[] Parameters, double Rate, double Decay);
}
