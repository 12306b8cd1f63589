using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Evaluation;

/// <summary>An estimate and how far chance may have moved it.</summary>
public sealed class ConfidenceInterval
{
    internal ConfidenceInterval(double estimate, double lower, double upper) =>
        (Estimate, Lower, Upper) = (estimate, lower, upper);

    /// <summary>The measure on the cases as they are; NaN if it is not defined.</summary>
    internal double Estimate { get; }

    /// <summary>The lower end.</summary>
    public double Lower { get; }

    /// <summary>The upper end.</summary>
    public double Upper { get; }

    /// <summary>The estimate with its interval in brackets, for example <c>0.574 [0.512, 0.631]</c>.</summary>
    public override string ToString() => $"{TextTable.Measure(Estimate)} [{TextTable.Measure(Lower)}, {TextTable.Measure(Upper)}]";
}

/// <summary>The intervals of one task, or of the mean over several.</summary>
public sealed class TaskIntervals
{
    internal TaskIntervals(
        ConfidenceInterval accuracy, ConfidenceInterval balancedAccuracy, ConfidenceInterval macroF1, ConfidenceInterval macroAuroc) =>
        (Accuracy, BalancedAccuracy, MacroF1, MacroAuroc) = (accuracy, balancedAccuracy, macroF1, macroAuroc);

    /// <summary>Of <see cref="TaskMeasures.Accuracy"/>.</summary>
    public ConfidenceInterval Accuracy { get; }

    /// <summary>Of <see cref="TaskMeasures.BalancedAccuracy"/>.</summary>
    public ConfidenceInterval BalancedAccuracy { get; }

    /// <summary>Of <see cref="TaskMeasures.MacroF1"/>.</summary>
    public ConfidenceInterval MacroF1 { get; }

    /// <summary>Of <see cref="TaskMeasures.MacroAuroc"/>.</summary>
    public ConfidenceInterval MacroAuroc { get; }

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
public sealed class BootstrapIntervals
{
    internal BootstrapIntervals(
        int resamples,
        double level,
        IReadOnlyList<TaskIntervals> tasks,
        TaskIntervals allTasks,
        TaskIntervals criteria,
        ConfidenceInterval? melanomaAuroc) =>
        (Resamples, Level, Tasks, AllTasks, Criteria, MelanomaAuroc) = (resamples, level, tasks, allTasks, criteria, melanomaAuroc);

    /// <summary>The number of samples.</summary>
    public int Resamples { get; }

    /// <summary>The share of samples within an interval, for example 0.95.</summary>
    public double Level { get; }

    /// <summary>The tasks, in taxonomy order.</summary>
    public IReadOnlyList<TaskIntervals> Tasks { get; }

    /// <summary>The means over all tasks.</summary>
    public TaskIntervals AllTasks { get; }

    /// <summary>The means over the criteria.</summary>
    public TaskIntervals Criteria { get; }

    /// <summary>The AUROC of the melanoma probability; null if there is none.</summary>
    public ConfidenceInterval? MelanomaAuroc { get; }
}
