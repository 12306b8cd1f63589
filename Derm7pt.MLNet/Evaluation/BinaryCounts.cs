using System.Globalization;

namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents the counts of a binary decision compared with the truth, and the measures computed from them.</summary>
/// <remarks>A ratio whose denominator is 0 is <see cref="double.NaN"/>.</remarks>
public sealed class BinaryCounts
{
    internal BinaryCounts(int truePositives, int falsePositives, int trueNegatives, int falseNegatives) =>
        (TruePositives, FalsePositives, TrueNegatives, FalseNegatives) =
        (truePositives, falsePositives, trueNegatives, falseNegatives);

    /// <summary>The number of positive cases that were called positive (TP).</summary>
    public int TruePositives { get; }

    /// <summary>The number of negative cases that were called positive (FP).</summary>
    public int FalsePositives { get; }

    /// <summary>The number of negative cases that were called negative (TN).</summary>
    public int TrueNegatives { get; }

    /// <summary>The number of positive cases that were called negative (FN).</summary>
    public int FalseNegatives { get; }

    /// <summary>The number of cases.</summary>
    internal int Total => Positives + Negatives;

    /// <summary>The number of positive cases, TP + FN.</summary>
    public int Positives => TruePositives + FalseNegatives;

    /// <summary>The number of negative cases, TN + FP.</summary>
    internal int Negatives => TrueNegatives + FalsePositives;

    /// <summary>The number of cases that were called positive, TP + FP.</summary>
    internal int CalledPositive => TruePositives + FalsePositives;

    /// <summary>(TP + TN) / all, in [0, 1].</summary>
    public double Accuracy => Ratio(TruePositives + TrueNegatives, Total);

    /// <summary>TP / (TP + FN), in [0, 1]: the share of the positive cases that were called positive; also called recall.</summary>
    public double Sensitivity => Ratio(TruePositives, Positives);

    /// <summary>TN / (TN + FP), in [0, 1]: the share of the negative cases that were called negative.</summary>
    public double Specificity => Ratio(TrueNegatives, Negatives);

    /// <summary>FP / (TN + FP), in [0, 1]: the share of the negative cases that were called positive.</summary>
    internal double FalsePositiveRate => Ratio(FalsePositives, Negatives);

    /// <summary>The mean of sensitivity and specificity, in [0, 1].</summary>
    public double BalancedAccuracy => (Sensitivity + Specificity) / 2;

    /// <summary>PPV = TP / (TP + FP), in [0, 1]; also called precision.</summary>
    public double PositivePredictiveValue => Ratio(TruePositives, CalledPositive);

    /// <summary>NPV = TN / (TN + FN), in [0, 1].</summary>
    public double NegativePredictiveValue => Ratio(TrueNegatives, TrueNegatives + FalseNegatives);

    /// <summary>F1 = 2·TP / (2·TP + FP + FN), in [0, 1]: the harmonic mean of PPV and sensitivity.</summary>
    public double F1 => Ratio(2 * TruePositives, Positives + CalledPositive);

    /// <summary>Returns the four counts, for example <c>TP 20, FP 180, TN 1820, FN 10</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"TP {TruePositives}, FP {FalsePositives}, TN {TrueNegatives}, FN {FalseNegatives}");

    /// <summary>Counts decisions.</summary>
    /// <param name="called">For each case, whether it was called positive.</param>
    /// <param name="positives">For each case, whether it is positive.</param>
    internal static BinaryCounts Count(IReadOnlyList<bool> called, IReadOnlyList<bool> positives)
    {
        int Cases(bool call, bool truth) => Enumerable.Range(0, called.Count).Count(i => called[i] == call && positives[i] == truth);
        return new BinaryCounts(Cases(true, true), Cases(true, false), Cases(false, false), Cases(false, true));
    }

    private static double Ratio(int part, int whole) => whole == 0 ? double.NaN : (double)part / whole;
}
