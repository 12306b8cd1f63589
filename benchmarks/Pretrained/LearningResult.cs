using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet.Benchmarks.Pretrained;

/// <summary>What a way to train reaches.</summary>
/// <param name="Name">The way to train.</param>
/// <param name="Seeds">The result of every seed.</param>
/// <param name="MacroF1">The mean macro F1 over seeds.</param>
/// <param name="Accuracy">The mean accuracy over seeds.</param>
internal sealed record LearningResult(string Name, IReadOnlyList<SeedResult> Seeds, MeanInterval MacroF1, MeanInterval Accuracy);

/// <summary>What one training reaches on the test cases, averaged over the tasks; the intervals are bootstrap intervals over the cases.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="MacroF1">The macro F1.</param>
/// <param name="Accuracy">The accuracy.</param>
/// <param name="Seconds">The duration of the training.</param>
internal sealed record SeedResult(int Seed, MeanInterval MacroF1, MeanInterval Accuracy, double Seconds)
{
    public static SeedResult Of(int seed, MultiTaskEvaluation evaluation, double seconds)
    {
        (TaskMeasures measures, TaskIntervals intervals) = (evaluation.AllTasks.Model, evaluation.Intervals!.AllTasks);
        return new SeedResult(
            seed, new MeanInterval(measures.MacroF1, intervals.MacroF1.Lower, intervals.MacroF1.Upper),
            new MeanInterval(measures.Accuracy, intervals.Accuracy.Lower, intervals.Accuracy.Upper), seconds);
    }
}

/// <summary>An estimate and its 95 % interval.</summary>
internal sealed record MeanInterval(double Estimate, double Lower, double Upper)
{
    /// <summary>The 97.5 % quantiles of Student's t distribution with 1, 2, … degrees of freedom.</summary>
    private static readonly double[] Quantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

    /// <summary>The mean of independent values and its interval by Student's t distribution.</summary>
    /// <param name="values">2 to 10 values.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer or more values.</exception>
    public static MeanInterval Of(IReadOnlyList<double> values)
    {
        if (values.Count < 2 || values.Count > Quantiles.Length + 1)
            throw new ArgumentOutOfRangeException(nameof(values), values.Count, Invariant($"Expected 2 to {Quantiles.Length + 1} values."));
        double mean = values.Average();
        double variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
        double half = Quantiles[values.Count - 2] * Math.Sqrt(variance / values.Count);
        return new MeanInterval(mean, mean - half, mean + half);
    }

    public override string ToString() => Invariant($"{Estimate:0.000} [{Lower:0.000}, {Upper:0.000}]");
}
