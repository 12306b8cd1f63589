using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Networks.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>
/// The exponential moving average of all values of a network, running statistics included, over the steps of a training. It is a
/// better model than the values after any one step (Polyak and Juditsky, SIAM Journal on Control and Optimization, 1992).
/// </summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly double _decay;
    private readonly Averaged[] _values;

    /// <summary>Starts from the values that the network has now.</summary>
    /// <param name="network">The network.</param>
    /// <param name="decay">The share that a step leaves of the average, in (0, 1).</param>
    public WeightAverage(TorchNetwork network, double decay)
    {
        _decay = decay;
        _values = [.. network.Parameters.Select(parameter => new Averaged(parameter))];
    }

    /// <summary>Takes in the values that a step has left in the network.</summary>
    /// <param name="steps">
    /// The steps up to now, this one included. The first ones count more, so that the initial weights are soon forgotten.
    /// </param>
    public void Update(long steps)
    {
        double share = 1 - Math.Min(_decay, (1.0 + steps) / (10 + steps));
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (Averaged value in _values)
            value.Update(share);
    }

    /// <summary>Exchanges the averages and the values of the network, bit for bit.</summary>
    public void Exchange()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (Averaged value in _values)
        {
            Tensor kept = value.Current.clone();
            value.Current.copy_(value.Average);
            value.Average.copy_(kept);
        }
    }

    /// <summary>Exchanges the averages and the values of the network until the result is disposed.</summary>
    public IDisposable ExchangeForNow()
    {
        Exchange();
        return new Exchanged(this);
    }

    /// <summary>Copies the averages out of torch.</summary>
    public IReadOnlyList<NamedTensor> Capture() => [.. _values.Select(value => value.Average.ToNamedTensor(value.Name))];

    /// <summary>Continues from captured averages.</summary>
    /// <exception cref="InvalidDataException">Names or shapes differ; the message names them. Nothing has been copied then.</exception>
    public void Restore(IReadOnlyList<NamedTensor> state) =>
        TensorState.Copy(state, [.. _values.Select(value => (value.Name, value.Average))]);

    public void Dispose() => Array.ForEach(_values, value => value.Average.Dispose());

    /// <summary>A tensor of the network and its average.</summary>
    private sealed unsafe class Averaged
    {
        // Null where torch's operators compute.
        private readonly float* _current, _average;

        public Averaged(TorchParameter parameter)
        {
            (Name, Current) = (parameter.Name, parameter.Tensor);
            using var _ = no_grad();
            // It may be created within a scope that ends before it.
            Average = Current.detach().clone().DetachFromDisposeScope();
            if (TensorMemory.HasValues(Current))
            {
                _current = TensorMemory.Values(Current);
                _average = TensorMemory.Values(Average);
            }
        }

        public string Name { get; }

        public Tensor Current { get; }

        public Tensor Average { get; }

        public void Update(double share)
        {
            if (_average != null)
                StepKernels.Average(_average, _current, (nint)Average.NumberOfElements, share);
            else
                NumberOperators.Add(Average, Current - Average, share);
        }
    }

    private sealed class Exchanged(WeightAverage average) : IDisposable
    {
        public void Dispose() => average.Exchange();
    }
}
