using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents an estimate and its confidence interval.</summary>
public sealed class ConfidenceInterval
{
    internal ConfidenceInterval(double estimate, double lower, double upper) =>
        (Estimate, Lower, Upper) = (estimate, lower, upper);

    /// <summary>The measure on the original cases; NaN if it is not defined.</summary>
    internal double Estimate { get; }

    /// <summary>The lower limit.</summary>
    public double Lower { get; }

    /// <summary>The upper limit.</summary>
    public double Upper { get; }

    /// <summary>Returns the estimate with its interval in brackets, for example <c>0.574 [0.512, 0.631]</c>.</summary>
    public override string ToString() => $"{TextTable.Measure(Estimate)} [{TextTable.Measure(Lower)}, {TextTable.Measure(Upper)}]";
}

/// <summary>Represents the confidence intervals of one task, or of the mean over several tasks.</summary>
public sealed class TaskIntervals
{
    internal TaskIntervals(
        ConfidenceInterval accuracy, ConfidenceInterval balancedAccuracy, ConfidenceInterval macroF1, ConfidenceInterval macroAuroc) =>
        (Accuracy, BalancedAccuracy, MacroF1, MacroAuroc) = (accuracy, balancedAccuracy, macroF1, macroAuroc);

    /// <summary>The interval of <see cref="TaskMeasures.Accuracy"/>.</summary>
    public ConfidenceInterval Accuracy { get; }

    /// <summary>The interval of <see cref="TaskMeasures.BalancedAccuracy"/>.</summary>
    public ConfidenceInterval BalancedAccuracy { get; }

    /// <summary>The interval of <see cref="TaskMeasures.MacroF1"/>.</summary>
    public ConfidenceInterval MacroF1 { get; }

    /// <summary>The interval of <see cref="TaskMeasures.MacroAuroc"/>.</summary>
    public ConfidenceInterval MacroAuroc { get; }

    internal IEnumerable<(string Name, ConfidenceInterval Interval)> Named =>
        [("accuracy", Accuracy), ("balancedAccuracy", BalancedAccuracy), ("macroF1", MacroF1), ("macroAuroc", MacroAuroc)];
}

/// <summary>Represents percentile bootstrap intervals, which estimate the variation of the measures over samples of cases.</summary>
/// <remarks>
/// Each sample has as many cases as the data, drawn with replacement and with all their tasks. The measures are computed for each
/// sample, and the limits are their (1 − level)/2 and (1 + level)/2 quantiles (Efron and Tibshirani, <i>An Introduction to the
/// Bootstrap</i>, 1993, chapter 13). Samples in which a measure is not defined, for example because a rare label was not drawn, are
/// ignored for that measure. The intervals do not include the variation between training runs.
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

    /// <summary>The confidence level: the share of samples within an interval, for example 0.95.</summary>
    public double Level { get; }

    /// <summary>The intervals of each task, in taxonomy order.</summary>
    public IReadOnlyList<TaskIntervals> Tasks { get; }

    /// <summary>The intervals of the means over all tasks.</summary>
    public TaskIntervals AllTasks { get; }

    /// <summary>The intervals of the means over the criteria.</summary>
    public TaskIntervals Criteria { get; }

    /// <summary>The interval of the AUROC of the melanoma probability; null if there is no melanoma probability.</summary>
    public ConfidenceInterval? MelanomaAuroc { get; }
}
