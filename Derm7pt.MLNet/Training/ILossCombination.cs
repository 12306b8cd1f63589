using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>Makes one loss of the tasks' losses.</summary>
internal interface ILossCombination
{
    Tensor Combine(IReadOnlyList<Tensor> taskLosses);
}

/// <summary>The sum of the tasks' losses, as in the paper.</summary>
internal sealed class SumOfLosses : ILossCombination
{
    public Tensor Combine(IReadOnlyList<Tensor> taskLosses) => stack(taskLosses).sum();
}
