namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents the evaluation of one label of a task against the rest.</summary>
public sealed class LabelEvaluation
{
    internal LabelEvaluation(TaskLabel label, BinaryCounts counts, BinaryRanking ranking) =>
        (Label, Counts, Ranking) = (label, counts, ranking);

    /// <summary>The label.</summary>
    public TaskLabel Label { get; }

    /// <summary>The counts; a case is called positive if the label is the predicted one.</summary>
    public BinaryCounts Counts { get; }

    /// <summary>The ranking of the cases by the label's probability.</summary>
    public BinaryRanking Ranking { get; }

    internal IEnumerable<(string Name, double Value)> Named =>
    [
        ("support", Counts.Positives),
        ("sensitivity", Counts.Sensitivity),
        ("specificity", Counts.Specificity),
        ("precision", Counts.PositivePredictiveValue),
        ("f1", Counts.F1),
        ("auroc", Ranking.Auroc),
        ("averagePrecision", Ranking.AveragePrecision),
    ];
}
