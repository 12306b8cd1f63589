using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>Combines the tasks' losses into one loss.</summary>
internal interface ILossCombination
{
    Tensor Combine(IReadOnlyList<Tensor> taskLosses);

    /// <summary>Combines losses without gradients.</summary>
    double Combine(IReadOnlyList<double> taskLosses);

    static ILossCombination Create(LossCombination combination) => combination switch
    {
        LossCombination.Sum => new SumOfLosses(),
        LossCombination.Mean => new MeanOfLosses(),
        _ => throw new ArgumentOutOfRangeException(nameof(combination), combination, "Unknown combination."),
    };
}

/// <summary>The sum of the tasks' losses, as in the paper.</summary>
internal sealed class SumOfLosses : ILossCombination
{
    public Tensor Combine(IReadOnlyList<Tensor> taskLosses) => stack(taskLosses).sum();

    public double Combine(IReadOnlyList<double> taskLosses) => taskLosses.Sum();
}

/// <summary>The mean of the tasks' losses.</summary>
internal sealed class MeanOfLosses : ILossCombination
{
    public Tensor Combine(IReadOnlyList<Tensor> taskLosses) => stack(taskLosses).mean();

    public double Combine(IReadOnlyList<double> taskLosses) => taskLosses.Average();
}
