namespace Derm7pt.MLNet;

/// <summary>One label of a task against the rest.</summary>
/// <param name="Label">The label.</param>
/// <param name="Counts">A case counts as called positive where the label is the predicted one.</param>
/// <param name="Ranking">Cases ranked by the label's probability.</param>
public sealed record LabelMeasures(TaskLabel Label, BinaryCounts Counts, BinaryRanking Ranking)
{
    /// <summary>The number of cases that carry the label.</summary>
    public int Support => Counts.Positives;

    /// <summary>The share of the label's cases that were found, in [0, 1]; NaN where it has none.</summary>
    public double Sensitivity => Counts.Sensitivity;

    /// <summary>The share of the other cases that were not given the label, in [0, 1]; NaN where there are none.</summary>
    public double Specificity => Counts.Specificity;

    /// <summary>The share of the label's predictions that are right, in [0, 1]; NaN where it was never predicted.</summary>
    public double Precision => Counts.PositivePredictiveValue;

    /// <summary>
    /// The harmonic mean of precision and sensitivity, in [0, 1]; NaN where the label neither occurs nor was predicted.
    /// </summary>
    public double F1 => Counts.F1;

    /// <inheritdoc cref="BinaryRanking.Auroc"/>
    public double Auroc => Ranking.Auroc;

    /// <inheritdoc cref="BinaryRanking.AveragePrecision"/>
    public double AveragePrecision => Ranking.AveragePrecision;

    internal IEnumerable<(string Name, double Value)> Named =>
    [
        ("support", Support),
        ("sensitivity", Sensitivity),
        ("specificity", Specificity),
        ("precision", Precision),
        ("f1", F1),
        ("auroc", Auroc),
        ("averagePrecision", AveragePrecision),
    ];
}
