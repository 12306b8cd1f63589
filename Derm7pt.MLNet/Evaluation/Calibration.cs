namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents how well confidences match observed frequencies: the reliability curve and the calibration errors.</summary>
/// <remarks>
/// Confidences in [0, 1] are divided into M bins of equal width. Bin m contains (m/M, (m+1)/M]; the first bin also contains 0. With
/// n_m cases in bin m, ECE = Σ n_m/n · |accuracy_m − confidence_m| and MCE = max |accuracy_m − confidence_m| over the bins that
/// have cases (Naeini et al., AAAI 2015; Guo et al., <i>On Calibration of Modern Neural Networks</i>, ICML 2017).
/// </remarks>
public sealed class Calibration
{
    /// <summary>Divides cases into bins by their confidence.</summary>
    /// <param name="confidences">The probability of the predicted outcome for each case, in [0, 1].</param>
    /// <param name="hits">For each case, whether the prediction is correct.</param>
    /// <param name="binCount">M, the number of bins; at least 1.</param>
    internal Calibration(IReadOnlyList<double> confidences, IReadOnlyList<bool> hits, int binCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(binCount);
        if (confidences.Count != hits.Count)
            throw new ArgumentException($"There are {confidences.Count} confidences for {hits.Count} cases.", nameof(confidences));

        var counts = new int[binCount];
        var right = new int[binCount];
        var sums = new double[binCount];
        for (int i = 0; i < hits.Count; i++)
        {
            int bin = Math.Clamp((int)Math.Ceiling(confidences[i] * binCount) - 1, 0, binCount - 1);
            counts[bin]++;
            right[bin] += hits[i] ? 1 : 0;
            sums[bin] += confidences[i];
        }

        CaseCount = hits.Count;
        Bins =
        [
            .. Enumerable.Range(0, binCount).Select(m => new ReliabilityBin(
                (double)m / binCount, (m + 1.0) / binCount, counts[m], sums[m] / counts[m], (double)right[m] / counts[m])),
        ];
        IEnumerable<ReliabilityBin> filled = Bins.Where(bin => bin.Count > 0);
        ExpectedError = CaseCount == 0 ? double.NaN : filled.Sum(bin => bin.Count * Math.Abs(bin.Gap)) / CaseCount;
        MaximumError = CaseCount == 0 ? double.NaN : filled.Max(bin => Math.Abs(bin.Gap));
    }

    /// <summary>The number of cases.</summary>
    internal int CaseCount { get; }

    /// <summary>The expected calibration error (ECE), in [0, 1]; 0 is best, NaN without cases.</summary>
    public double ExpectedError { get; }

    /// <summary>The maximum calibration error (MCE), in [0, 1]; 0 is best, NaN without cases.</summary>
    internal double MaximumError { get; }

    /// <summary>The reliability curve: all bins, including empty ones, in ascending order of confidence.</summary>
    public IReadOnlyList<ReliabilityBin> Bins { get; }
}

/// <summary>Represents the cases whose confidence is in one interval.</summary>
public sealed class ReliabilityBin
{
    internal ReliabilityBin(double lower, double upper, int count, double meanConfidence, double accuracy) =>
        (Lower, Upper, Count, MeanConfidence, Accuracy) = (lower, upper, count, meanConfidence, accuracy);

    /// <summary>The lower limit of the interval, exclusive (inclusive in the first bin).</summary>
    public double Lower { get; }

    /// <summary>The upper limit of the interval, inclusive.</summary>
    public double Upper { get; }

    /// <summary>The number of cases in the bin.</summary>
    public int Count { get; }

    /// <summary>The mean confidence of the cases; NaN without cases.</summary>
    public double MeanConfidence { get; }

    /// <summary>The share of correct predictions; NaN without cases.</summary>
    public double Accuracy { get; }

    /// <summary>Accuracy − confidence, in [−1, 1]; negative if the predictions are overconfident.</summary>
    internal double Gap => Accuracy - MeanConfidence;
}
