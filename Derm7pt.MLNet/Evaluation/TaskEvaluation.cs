using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents the evaluation of the predictions of one task, with that of a baseline that uses the class frequencies only.</summary>
public sealed class TaskEvaluation
{
    internal TaskEvaluation(TaskCases cases, int rowCount, int calibrationBins)
    {
        Cases = cases;
        MissingCount = rowCount - cases.Count;
        Model = ClassifierEvaluation.Of(cases, calibrationBins);
        Baseline = ClassifierEvaluation.Of(cases.Baseline(), calibrationBins);
    }

    /// <summary>The task.</summary>
    public ClassificationTask Task => Cases.Task;

    /// <summary>The number of cases with a known label.</summary>
    public int CaseCount => Cases.Count;

    /// <summary>The number of cases that were excluded because their label is unknown.</summary>
    public int MissingCount { get; }

    /// <summary>The evaluation of the model's predictions.</summary>
    public ClassifierEvaluation Model { get; }

    /// <summary>
    /// The evaluation of a classifier that ignores the image: it always predicts the most frequent label, and the probability
    /// of every label is its frequency among the evaluated cases.
    /// </summary>
    /// <remarks>
    /// Because the frequencies are those of the evaluated cases, its log-loss is the lowest that any constant prediction can
    /// have. A model whose log-loss is not lower is not better than a constant prediction.
    /// </remarks>
    public ClassifierEvaluation Baseline { get; }

    /// <summary>Returns the main measures, with those of the majority class in parentheses, and the confusion table.</summary>
    public override string ToString() => $"{TextTable.Align([MeasureRow.Header, MeasureRow.Of(this)])}\n\n{Model.Confusion}";

    internal TaskCases Cases { get; }
}
