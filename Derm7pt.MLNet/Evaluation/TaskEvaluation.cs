using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Evaluation;

/// <summary>How the predictions of one task compare with the true labels, beside what the class frequencies alone would give.</summary>
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

    /// <summary>The number of cases whose label is known.</summary>
    public int CaseCount => Cases.Count;

    /// <summary>The number of cases that were left out because their label is not known.</summary>
    public int MissingCount { get; }

    /// <summary>What the predictions give.</summary>
    public ClassifierEvaluation Model { get; }

    /// <summary>
    /// What a classifier gives that sees no image: it predicts the most frequent label always, and gives every label its
    /// frequency among the evaluated cases as probability.
    /// </summary>
    /// <remarks>
    /// Its frequencies are those of the evaluated cases themselves, so its log-loss is the lowest that any constant
    /// prediction can reach: a model that is not better has learned nothing that helps here.
    /// </remarks>
    public ClassifierEvaluation Baseline { get; }

    /// <summary>The main measures, those of the majority class in parentheses, and the table of true against predicted labels.</summary>
    public override string ToString() => $"{TextTable.Align([MeasureRow.Header, MeasureRow.Of(this)])}\n\n{Model.Confusion}";

    internal TaskCases Cases { get; }
}
