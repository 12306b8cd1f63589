using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Networks.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>
/// Optimizes a network's parameters, grouped by their roles, with Adam (Kingma and Ba, ICLR 2015) and optional decoupled weight decay
/// (Loshchilov and Hutter, ICLR 2019).
/// </summary>
/// <remarks>
/// On the processor in single precision a step is one pass over the memory. TorchSharp's own optimizer makes several, and can fail
/// for the reason that <see cref="NumberOperators"/> explains.
/// </remarks>
internal sealed class NetworkOptimizer : IDisposable
{
    private const double FirstDecay = 0.9, SecondDecay = 0.999, Epsilon = 1e-8;

    private readonly Optimized[] _parameters;

    /// <param name="network">The network, on the device on which it is trained. Frozen parameters are excluded.</param>
    /// <param name="options">The learning rates, the L2 term and the weight decay.</param>
    public NetworkOptimizer(TorchNetwork network, TrainingOptions options) =>
        _parameters = [.. network.Trained.Select(parameter => new Optimized(parameter, RatesOf(parameter.Spec, options)))];

    /// <summary>Sets the gradients of all parameters to zero, before a backward pass adds to them.</summary>
    public void ClearGradients()
    {
        foreach (Optimized parameter in _parameters)
        {
            using Tensor? gradient = parameter.Weights.grad;
            gradient?.zero_();
        }
    }

    /// <summary>Updates the parameters with the accumulated gradients.</summary>
    /// <param name="factor">Multiplies the learning rates of this step.</param>
    public void Step(double factor = 1)
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (Optimized parameter in _parameters)
        {
            if (parameter.Weights.grad is { } gradient)
                parameter.Step(gradient, factor);
        }
    }

    /// <summary>Copies Adam's state out of torch.</summary>
    public IReadOnlyList<AdamMoments> Capture() =>
        [.. _parameters.Select(p => new AdamMoments(p.Steps, p.First.ToNamedTensor(p.Name), p.Second.ToNamedTensor(p.Name)))];

    /// <summary>Continues from the state of an optimizer of an equal network.</summary>
    /// <exception cref="InvalidDataException">Names or shapes differ; the message states which.</exception>
    public void Restore(IReadOnlyList<AdamMoments> moments)
    {
        TensorState.Copy([.. moments.Select(m => m.First)], [.. _parameters.Select(p => (p.Name, p.First))]);
        TensorState.Copy([.. moments.Select(m => m.Second)], [.. _parameters.Select(p => (p.Name, p.Second))]);
        Dictionary<string, long> steps = moments.ToDictionary(m => m.First.Name, m => m.Steps);
        foreach (Optimized parameter in _parameters)
            parameter.Steps = steps[parameter.Name];
    }

    public void Dispose()
    {
        foreach (Optimized parameter in _parameters)
            parameter.Dispose();
    }

    private static Rates RatesOf(ParameterSpec parameter, TrainingOptions options)
    {
        if (parameter.Role == ParameterRole.Gate)
            return new Rates(options.GateLearningRate, L2: 0, Decay: 0);
        double rate = parameter.IsEncoder ? options.EncoderLearningRate ?? options.LearningRate : options.LearningRate;
        return parameter.Role == ParameterRole.Kernel
            ? new Rates(rate, options.L2Regularization, options.WeightDecay)
            : new Rates(rate, L2: 0, Decay: 0);
    }

    /// <param name="Rate">The learning rate before a schedule changes it.</param>
    /// <param name="L2">λ of the L2 term: λ·w, added to the gradient, is the gradient of ½·λ·‖w‖².</param>
    /// <param name="Decay">λ of the decoupled weight decay.</param>
    private readonly record struct Rates(double Rate, double L2, double Decay);

    /// <summary>A parameter and Adam's state for it.</summary>
    private sealed unsafe class Optimized : IDisposable
    {
        private readonly Rates _rates;

        // Null where a step is computed by torch's operators.
        private readonly float* _weights, _first, _second;

        public Optimized(TorchParameter parameter, Rates rates)
        {
            (Name, Weights, _rates) = (parameter.Name, parameter.Tensor, rates);
            // They may be created within a scope that ends before them.
            using var _ = no_grad();
            First = zeros_like(Weights).DetachFromDisposeScope();
            Second = zeros_like(Weights).DetachFromDisposeScope();
            if (TensorMemory.HasValues(Weights))
            {
                _weights = TensorMemory.Values(Weights);
                _first = TensorMemory.Values(First);
                _second = TensorMemory.Values(Second);
            }
        }

        public string Name { get; }

        public Tensor Weights { get; }

        /// <summary>The running mean of the gradient.</summary>
        public Tensor First { get; }

        /// <summary>The running mean of its square.</summary>
        public Tensor Second { get; }

        /// <summary>The number of updates.</summary>
        public long Steps { get; set; }

        public void Step(Tensor gradient, double factor)
        {
            Steps++;
            double rate = _rates.Rate * factor;
            var step = new AdamStep(
                // As in PyTorch's AdamW, the decay comes before Adam's own change. Gradients have been computed before it.
                Kept: 1 - (rate * _rates.Decay),
                _rates.L2,
                FirstShare: 1 - FirstDecay,
                SecondShare: 1 - SecondDecay,
                RootScale: 1 / Math.Sqrt(1 - Math.Pow(SecondDecay, Steps)),
                Epsilon,
                Size: rate / (1 - Math.Pow(FirstDecay, Steps)));
            if (_weights != null)
            {
                Tensor values = gradient.contiguous();
                StepKernels.Adam(_weights, TensorMemory.Values(values), _first, _second, (nint)Weights.NumberOfElements, step);
            }
            else
            {
                StepByOperators(gradient, step);
            }
        }

        public void Dispose()
        {
            First.Dispose();
            Second.Dispose();
        }

        private void StepByOperators(Tensor gradient, AdamStep step)
        {
            using DisposeScope scope = NewDisposeScope();
            if (step.Kept != 1)
                NumberOperators.Multiply(Weights, step.Kept);
            Tensor whole = step.L2 == 0 ? gradient : gradient.Plus(Weights.Times(step.L2));
            NumberOperators.Add(First, whole - First, step.FirstShare);
            NumberOperators.Add(Second, (whole * whole) - Second, step.SecondShare);
            NumberOperators.Add(Weights, First / Second.sqrt().Times(step.RootScale).Plus(step.Epsilon), -step.Size);
        }
    }
}
