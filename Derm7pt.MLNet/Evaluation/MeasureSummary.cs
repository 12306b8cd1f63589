namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents a measure over the runs of a cross-validation. Runs in which it is not defined are left out.</summary>
public sealed class MeasureSummary
{
    /// <param name="scope">The scope of the measure: <c>average</c>, <c>task</c> or <c>melanoma</c>.</param>
    /// <param name="task">The name of the task or of the average.</param>
    /// <param name="measure">The name of the measure, as exports use it.</param>
    /// <param name="runs">The value of every run.</param>
    /// <param name="pooled">The value over the held-out cases of all folds, for each seed.</param>
    internal MeasureSummary(string scope, string task, string measure, IReadOnlyList<double> runs, IReadOnlyList<double> pooled)
    {
        double[] sorted = DefinedValues.Sort(runs);
        (Scope, Task, Measure) = (scope, task, measure);
        (Mean, StandardDeviation) = (DefinedValues.Mean(sorted), DefinedValues.StandardDeviation(sorted));
        (Minimum, Maximum) = sorted.Length == 0 ? (double.NaN, double.NaN) : (sorted[0], sorted[^1]);
        Pooled = DefinedValues.Mean(pooled);
    }

    /// <summary>The name of the task; <c>all tasks</c> and <c>criteria</c> for means over tasks, <c>melanoma</c> for melanoma against the rest.</summary>
    public string Task { get; }

    /// <summary>The measure, such as <c>accuracy</c> or <c>macroF1</c>: the names in <see cref="MultiTaskEvaluation.WriteCsv"/>.</summary>
    public string Measure { get; }

    /// <summary>The mean over the runs; NaN if the measure is not defined in any run.</summary>
    public double Mean { get; }

    /// <summary>The standard deviation of the runs (n − 1); NaN with fewer than two.</summary>
    /// <remarks>The training cases of the runs overlap, so that the error of <see cref="Mean"/> cannot be computed from it.</remarks>
    public double StandardDeviation { get; }

    /// <summary>The lowest value of a run.</summary>
    public double Minimum { get; }

    /// <summary>The highest value of a run.</summary>
    public double Maximum { get; }

    /// <summary>
    /// The measure of all cases together, each predicted by the model of the fold that it was held out of; with several seeds, the mean
    /// over them. With rare labels it varies less than <see cref="Mean"/>.
    /// </summary>
    public double Pooled { get; }

    internal string Scope { get; }
}
