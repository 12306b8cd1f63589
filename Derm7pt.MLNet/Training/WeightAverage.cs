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
    private readonly (TorchParameter Current, Tensor Average)[] _values;

    /// <summary>Starts from the values that the network has now.</summary>
    /// <param name="network">The network.</param>
    /// <param name="decay">The share that a step leaves of the average, in (0, 1).</param>
    public WeightAverage(TorchNetwork network, double decay)
    {
        _decay = decay;
        // It may be created within a scope that ends before it.
        _values = [.. network.Parameters.Select(current => (current, current.Tensor.detach().clone().DetachFromDisposeScope()))];
    }

    /// <summary>Takes in the values that a step has left in the network.</summary>
    /// <param name="steps">
    /// The steps up to now, this one included. The first ones count more, so that the initial weights are soon forgotten.
    /// </param>
    public unsafe void Update(long steps)
    {
        double share = 1 - Math.Min(_decay, (1.0 + steps) / (10 + steps));
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        foreach ((TorchParameter current, Tensor average) in _values)
        {
            if (TensorMemory.HasValues(average))
            {
                StepKernels.Average(
                    TensorMemory.Values(average), TensorMemory.Values(current.Tensor), (nint)average.NumberOfElements, share);
            }
            else
            {
                NumberOperators.Add(average, current.Tensor - average, share);
            }
        }
    }

    /// <summary>Exchanges the averages and the values of the network, bit for bit.</summary>
    public void Exchange()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        foreach ((TorchParameter current, Tensor average) in _values)
        {
            Tensor kept = current.Tensor.clone();
            current.Tensor.copy_(average);
            average.copy_(kept);
        }
    }

    /// <summary>Exchanges the averages and the values of the network until the result is disposed.</summary>
    public IDisposable ExchangeForNow()
    {
        Exchange();
        return new Exchanged(this);
    }

    /// <summary>Copies the averages out of torch.</summary>
    public IReadOnlyList<NamedTensor> Capture() => [.. _values.Select(value => value.Average.ToNamedTensor(value.Current.Name))];

    /// <summary>Continues from captured averages.</summary>
    /// <exception cref="InvalidDataException">Names or shapes differ; the message names them. Nothing has been copied then.</exception>
    public void Restore(IReadOnlyList<NamedTensor> state) =>
        TensorState.Copy(state, [.. _values.Select(value => (value.Current.Name, value.Average))]);

    public void Dispose() => Array.ForEach(_values, value => value.Average.Dispose());

    private sealed class Exchanged(WeightAverage average) : IDisposable
    {
        public void Dispose() => average.Exchange();
    }
}
