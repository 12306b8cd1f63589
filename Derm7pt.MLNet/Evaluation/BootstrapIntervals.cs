namespace Derm7pt.MLNet;

/// <summary>An estimate and how far chance may have moved it.</summary>
/// <param name="Estimate">The measure on the cases as they are; NaN where it is not defined.</param>
/// <param name="Lower">The lower end.</param>
/// <param name="Upper">The upper end.</param>
public sealed record ConfidenceInterval(double Estimate, double Lower, double Upper);

/// <summary>The intervals of one task, or of the mean over several.</summary>
/// <param name="Accuracy">Of <see cref="TaskMeasures.Accuracy"/>.</param>
/// <param name="BalancedAccuracy">Of <see cref="TaskMeasures.BalancedAccuracy"/>.</param>
/// <param name="MacroF1">Of <see cref="TaskMeasures.MacroF1"/>.</param>
/// <param name="MacroAuroc">Of <see cref="TaskMeasures.MacroAuroc"/>.</param>
public sealed record TaskIntervals(
    ConfidenceInterval Accuracy, ConfidenceInterval BalancedAccuracy, ConfidenceInterval MacroF1, ConfidenceInterval MacroAuroc)
{
    internal IEnumerable<(string Name, ConfidenceInterval Interval)> Named =>
        [("accuracy", Accuracy), ("balancedAccuracy", BalancedAccuracy), ("macroF1", MacroF1), ("macroAuroc", MacroAuroc)];
}

/// <summary>Percentile bootstrap intervals: what the measures would be on other cases of the same kind.</summary>
/// <remarks>
/// Whole cases are drawn with replacement, as many as there are, so the tasks of a case stay together; the measures are computed
/// for each sample, and the interval ends at their (1 − level)/2 and (1 + level)/2 quantiles (Efron and Tibshirani, <i>An
/// Introduction to the Bootstrap</i>, 1993, chapter 13). A sample where a measure is not defined, for example because a rare label
/// was not drawn, is left out of it. The intervals say nothing of another training run: the network stays the same.
/// </remarks>
/// <param name="Resamples">The number of samples.</param>
/// <param name="Level">The share of samples within an interval, for example 0.95.</param>
/// <param name="Tasks">The tasks, in taxonomy order.</param>
/// <param name="AllTasks">The means over all tasks.</param>
/// <param name="Criteria">The means over the criteria.</param>
/// <param name="MelanomaAuroc">The AUROC of the melanoma probability; null where there is none.</param>
public sealed record BootstrapIntervals(
    int Resamples,
    double Level,
    IReadOnlyList<TaskIntervals> Tasks,
    TaskIntervals AllTasks,
    TaskIntervals Criteria,
    ConfidenceInterval? MelanomaAuroc);
