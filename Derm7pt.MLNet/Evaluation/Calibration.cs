namespace Derm7pt.MLNet.Evaluation;

/// <summary>How far confidences can be taken for frequencies: the reliability curve and the calibration errors.</summary>
/// <remarks>
/// Confidences in [0, 1] are put into M bins of equal width, bin m holding (m/M, (m+1)/M] and the first one 0 as well. With
/// n_m cases in bin m, ECE = Σ n_m/n · |accuracy_m − confidence_m| and MCE = max |accuracy_m − confidence_m| over the bins that
/// hold cases (Naeini et al., AAAI 2015; Guo et al., <i>On Calibration of Modern Neural Networks</i>, ICML 2017).
/// </remarks>
public sealed class Calibration
{
    /// <summary>Bins cases by their confidence.</summary>
    /// <param name="confidences">For each case the probability that was given to what was predicted, in [0, 1].</param>
    /// <param name="hits">For each case whether it came true.</param>
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

    /// <summary>The reliability curve: all bins, lowest confidence first, the empty ones too.</summary>
    public IReadOnlyList<ReliabilityBin> Bins { get; }
}

/// <summary>The cases whose confidence lies in one interval.</summary>
public sealed class ReliabilityBin
{
    internal ReliabilityBin(double lower, double upper, int count, double meanConfidence, double accuracy) =>
        (Lower, Upper, Count, MeanConfidence, Accuracy) = (lower, upper, count, meanConfidence, accuracy);

    /// <summary>Where the interval begins, exclusive (inclusive in the first bin).</summary>
    public double Lower { get; }

    /// <summary>Where it ends, inclusive.</summary>
    public double Upper { get; }

    /// <summary>The number of cases in it.</summary>
    public int Count { get; }

    /// <summary>The mean of their confidences; NaN without cases.</summary>
    public double MeanConfidence { get; }

    /// <summary>The share of them that came true; NaN without cases.</summary>
    public double Accuracy { get; }

    /// <summary>Accuracy − confidence, in [−1, 1]: negative where the predictions are too sure of themselves.</summary>
    internal double Gap => Accuracy - MeanConfidence;
}
