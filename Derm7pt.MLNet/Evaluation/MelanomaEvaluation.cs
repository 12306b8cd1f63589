namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents the evaluation of melanoma against all other diagnoses, by the column <c>MelanomaProbability</c>.</summary>
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

    /// <summary>The ranking of the cases by melanoma probability: AUROC, average precision, both curves, and counts at any threshold.</summary>
    public BinaryRanking Ranking { get; }

    /// <summary>The threshold of <see cref="Counts"/>: cases at or above it are called melanoma.</summary>
    public double Threshold { get; }

    /// <summary>The decisions at <see cref="Threshold"/>.</summary>
    public BinaryCounts Counts => Ranking.At(Threshold);

    /// <summary>The calibration of the melanoma probability. Its bins contain probabilities of melanoma, not confidences.</summary>
    public Calibration Calibration { get; }

    /// <summary>The ranking of the cases by a constant probability, the share of melanomas among them.</summary>
    public BinaryRanking BaselineRanking { get; }

    /// <summary>The decisions of <see cref="BaselineRanking"/> at <see cref="Threshold"/>.</summary>
    internal BinaryCounts BaselineCounts => BaselineRanking.At(Threshold);
}
