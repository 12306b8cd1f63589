namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents the measures of one task, or their means over several tasks.</summary>
/// <remarks>A measure that is not defined, for example an AUROC if only one label occurs, is NaN.</remarks>
public sealed class TaskMeasures
{
    internal TaskMeasures(
        double accuracy,
        double balancedAccuracy,
        double macroRecall,
        double macroPrecision,
        double macroF1,
        double macroAuroc,
        double macroAveragePrecision,
        double logLoss,
        double calibrationError)
    {
        (Accuracy, BalancedAccuracy, MacroRecall) = (accuracy, balancedAccuracy, macroRecall);
        (MacroPrecision, MacroF1, MacroAuroc) = (macroPrecision, macroF1, macroAuroc);
        (MacroAveragePrecision, LogLoss, CalibrationError) = (macroAveragePrecision, logLoss, calibrationError);
    }

    /// <summary>The share of correctly predicted cases, in [0, 1].</summary>
    public double Accuracy { get; }

    /// <summary>The mean recall of the labels that occur in the truth, in [0, 1].</summary>
    public double BalancedAccuracy { get; }

    /// <summary>The mean recall of the labels that occur in the truth or in the predictions, in [0, 1].</summary>
    public double MacroRecall { get; }

    /// <summary>The mean precision of these labels, in [0, 1].</summary>
    public double MacroPrecision { get; }

    /// <summary>The mean F1 of these labels, in [0, 1].</summary>
    public double MacroF1 { get; }

    /// <summary>The mean one-against-rest AUROC of the labels for which it is defined, in [0, 1].</summary>
    public double MacroAuroc { get; }

    /// <summary>
    /// The mean one-against-rest average precision of the labels that occur in the truth, in [0, 1].
    /// </summary>
    public double MacroAveragePrecision { get; }

    /// <summary>
    /// The mean of −ln p(true label), 0 is best. Like in ML.NET's evaluator, p is at least 1e-15.
    /// </summary>
    public double LogLoss { get; }

    /// <summary>The expected calibration error of the predicted label's probability, in [0, 1]; 0 is best.</summary>
    public double CalibrationError { get; }

    /// <summary>The measures with the names that exports use, in order.</summary>
    internal IEnumerable<(string Name, double Value)> Named =>
    [
        ("accuracy", Accuracy),
        ("balancedAccuracy", BalancedAccuracy),
        ("macroRecall", MacroRecall),
        ("macroPrecision", MacroPrecision),
        ("macroF1", MacroF1),
        ("macroAuroc", MacroAuroc),
        ("macroAveragePrecision", MacroAveragePrecision),
        ("logLoss", LogLoss),
        ("calibrationError", CalibrationError),
    ];

    /// <summary>Computes the mean of each measure over the tasks for which it is defined.</summary>
    internal static TaskMeasures Mean(IReadOnlyList<TaskMeasures> tasks) => new(
        DefinedValues.Mean(tasks.Select(task => task.Accuracy)),
        DefinedValues.Mean(tasks.Select(task => task.BalancedAccuracy)),
        DefinedValues.Mean(tasks.Select(task => task.MacroRecall)),
        DefinedValues.Mean(tasks.Select(task => task.MacroPrecision)),
        DefinedValues.Mean(tasks.Select(task => task.MacroF1)),
        DefinedValues.Mean(tasks.Select(task => task.MacroAuroc)),
        DefinedValues.Mean(tasks.Select(task => task.MacroAveragePrecision)),
        DefinedValues.Mean(tasks.Select(task => task.LogLoss)),
        DefinedValues.Mean(tasks.Select(task => task.CalibrationError)));
}

/// <summary>
/// Represents the unweighted means over several tasks. The mean of a measure excludes tasks for which it is not defined.
/// </summary>
public sealed class AveragedMeasures
{
    internal AveragedMeasures(int taskCount, TaskMeasures model, TaskMeasures baseline) =>
        (TaskCount, Model, Baseline) = (taskCount, model, baseline);

    /// <summary>The number of tasks.</summary>
    internal int TaskCount { get; }

    /// <summary>The means for the model's predictions.</summary>
    public TaskMeasures Model { get; }

    /// <summary>The means for a classifier that always predicts the most frequent label.</summary>
    public TaskMeasures Baseline { get; }
}
