namespace Derm7pt.MLNet.Evaluation;

/// <summary>Melanoma against all other diagnoses, by the probability in column <c>MelanomaProbability</c>.</summary>
public sealed class MelanomaEvaluation
{
    internal MelanomaEvaluation(MelanomaCases cases, double threshold, int calibrationBins)
    {
        Threshold = threshold;
        Ranking = new BinaryRanking(cases.Probabilities, cases.IsMelanoma);
        Calibration = new Calibration(cases.Probabilities, cases.IsMelanoma, calibrationBins);
        int total = Ranking.PositiveCount + Ranking.NegativeCount;
        double prevalence = (double)Ranking.PositiveCount / total;
        BaselineRanking = new BinaryRanking([.. Enumerable.Repeat(prevalence, total)], cases.IsMelanoma);
    }

    /// <summary>Cases ranked by their melanoma probability: AUROC, average precision, both curves, counts at any threshold.</summary>
    public BinaryRanking Ranking { get; }

    /// <summary>The threshold of <see cref="Counts"/>: cases at or above it are called melanoma.</summary>
    public double Threshold { get; }

    /// <summary>The decisions at <see cref="Threshold"/>.</summary>
    public BinaryCounts Counts => Ranking.At(Threshold);

    /// <summary>How far the melanoma probability can be taken for a frequency: its bins hold probabilities, not confidences.</summary>
    public Calibration Calibration { get; }

    /// <summary>The same cases, had each been given the share of melanomas among them as probability.</summary>
    public BinaryRanking BaselineRanking { get; }

    /// <summary>The decisions of <see cref="BaselineRanking"/> at <see cref="Threshold"/>.</summary>
    internal BinaryCounts BaselineCounts => BaselineRanking.At(Threshold);
}
