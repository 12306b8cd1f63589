namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents how well a score separates positive from negative cases, at every threshold.</summary>
/// <remarks>A case is called positive if its score is at or above the threshold.</remarks>
public sealed class BinaryRanking
{
    private readonly RankOrder _order;

    /// <summary>Ranks cases by their score.</summary>
    /// <param name="scores">The score of each case; a higher score means more likely positive.</param>
    /// <param name="positives">For each case, whether it is positive.</param>
    /// <exception cref="ArgumentException">The lists have different lengths, or a score is NaN.</exception>
    internal BinaryRanking(IReadOnlyList<double> scores, IReadOnlyList<bool> positives)
    {
        _order = new RankOrder(scores, positives);
        PositiveCount = positives.Count(positive => positive);
        NegativeCount = positives.Count - PositiveCount;
        Auroc = _order.Auroc();
        AveragePrecision = ComputeAveragePrecision();
    }

    /// <summary>The number of positive cases, P.</summary>
    internal int PositiveCount { get; }

    /// <summary>The number of negative cases, N.</summary>
    internal int NegativeCount { get; }

    /// <summary>
    /// The area under the ROC curve, in [0, 1]; 0.5 for an uninformative score, NaN if there are no positive or no negative cases.
    /// </summary>
    /// <remarks>
    /// This is the probability that a positive case scores higher than a negative one, where a tie counts one half:
    /// U / (P·N) = (1 / P·N) · Σ over pairs of [s⁺ &gt; s⁻] + ½[s⁺ = s⁻] (Mann and Whitney 1947; Hanley and McNeil 1982).
    /// </remarks>
    public double Auroc { get; }

    /// <summary>The average precision, in [0, 1]; P / (P + N) for a constant score, NaN without positive cases.</summary>
    /// <remarks>
    /// AP = Σ over thresholds of (R_n − R_(n−1)) · P_n, without interpolation, as in scikit-learn's
    /// <c>average_precision_score</c>. Cases of equal score form one threshold.
    /// </remarks>
    public double AveragePrecision { get; }

    /// <summary>
    /// The decisions at every threshold: first at an infinite one, where no case is called positive, then at each distinct score from
    /// the highest to the lowest. Sensitivity plotted against the false positive rate is the ROC curve; precision plotted against
    /// sensitivity is the precision–recall curve.
    /// </summary>
    public IReadOnlyList<ThresholdPoint> Curve => field ??=
    [
        new ThresholdPoint(double.PositiveInfinity, Counts(truePositives: 0, falsePositives: 0)),
        .. Groups.Select(i => new ThresholdPoint(_order.Scores[i], Counts(_order.TruePositives[i], _order.FalsePositives[i]))),
    ];

    /// <summary>Counts the decisions at a threshold.</summary>
    /// <param name="threshold">The threshold; cases at or above it are called positive.</param>
    public BinaryCounts At(double threshold)
    {
        if (double.IsNaN(threshold))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "A threshold must be a number.");
        int group = Array.FindLastIndex(_order.Scores, score => score >= threshold);
        return group < 0 ? Counts(0, 0) : Counts(_order.TruePositives[group], _order.FalsePositives[group]);
    }

    /// <summary>Finds the highest score at which the sensitivity is at least the required one; it has the highest specificity.</summary>
    /// <param name="sensitivity">The required sensitivity, in (0, 1].</param>
    /// <exception cref="InvalidOperationException">There are no positive cases.</exception>
    internal double ThresholdForSensitivity(double sensitivity)
    {
        if (sensitivity is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(sensitivity), sensitivity, "A sensitivity to reach is in (0, 1].");
        if (PositiveCount == 0)
            throw new InvalidOperationException("Without positive cases no threshold has a sensitivity.");
        return _order.Scores[Groups.First(i => (double)_order.TruePositives[i] / PositiveCount >= sensitivity)];
    }

    private BinaryCounts Counts(int truePositives, int falsePositives) =>
        new(truePositives, falsePositives, NegativeCount - falsePositives, PositiveCount - truePositives);

    private IEnumerable<int> Groups => Enumerable.Range(0, _order.Scores.Length);

    private double ComputeAveragePrecision()
    {
        double sum = 0;
        int before = 0;
        foreach (int i in Groups)
        {
            int found = _order.TruePositives[i];
            sum += (double)(found - before) / PositiveCount * found / (found + _order.FalsePositives[i]);
            before = found;
        }

        return PositiveCount == 0 ? double.NaN : sum;
    }
}

/// <summary>Represents the decisions at one threshold.</summary>
public sealed class ThresholdPoint
{
    internal ThresholdPoint(double threshold, BinaryCounts counts) => (Threshold, Counts) = (threshold, counts);

    /// <summary>The threshold; cases whose score is at or above it are called positive.</summary>
    public double Threshold { get; }

    /// <summary>The counts of the decisions.</summary>
    public BinaryCounts Counts { get; }
}
