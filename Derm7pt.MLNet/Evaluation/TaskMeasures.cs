using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet;

/// <summary>The measures of one task, or their means over several.</summary>
/// <remarks>A measure that is not defined, for example an AUROC where only one label occurs, is NaN.</remarks>
/// <param name="Accuracy">The share of cases predicted as they are, in [0, 1].</param>
/// <param name="BalancedAccuracy">The mean recall of the labels that occur in the truth, in [0, 1].</param>
/// <param name="MacroRecall">The mean recall of the labels that occur in the truth or in the predictions, in [0, 1].</param>
/// <param name="MacroPrecision">The mean precision of these labels, in [0, 1].</param>
/// <param name="MacroF1">The mean F1 of these labels, in [0, 1].</param>
/// <param name="MacroAuroc">The mean one-against-rest AUROC of the labels for which it is defined, in [0, 1].</param>
/// <param name="MacroAveragePrecision">
/// The mean one-against-rest average precision of the labels that occur in the truth, in [0, 1].
/// </param>
/// <param name="LogLoss">
/// The mean of −ln p(true label), 0 at best; p is taken to be 1e-15 at least, as ML.NET's evaluator does.
/// </param>
/// <param name="CalibrationError">The expected calibration error of the predicted label's probability, in [0, 1]; 0 at best.</param>
public sealed record TaskMeasures(
    double Accuracy,
    double BalancedAccuracy,
    double MacroRecall,
    double MacroPrecision,
    double MacroF1,
    double MacroAuroc,
    double MacroAveragePrecision,
    double LogLoss,
    double CalibrationError)
{
    /// <summary>The measures under the names that exports use, in order.</summary>
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

    /// <summary>The mean of each measure over those tasks for which it is defined.</summary>
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
/// The means over several tasks, each task counting the same; a task where a measure is not defined is left out of its mean.
/// </summary>
/// <param name="TaskCount">The number of tasks.</param>
/// <param name="Model">What the predictions give.</param>
/// <param name="Baseline">What predicting the most frequent label always would give.</param>
public sealed record AveragedMeasures(int TaskCount, TaskMeasures Model, TaskMeasures Baseline);
