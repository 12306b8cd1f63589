namespace Derm7pt.MLNet.Evaluation;

/// <summary>A threshold that was chosen on validation cases, and what it gives on them and on others.</summary>
public sealed class OperatingPoint
{
    internal OperatingPoint(double threshold, BinaryCounts validation, BinaryCounts test) =>
        (Threshold, Validation, Test) = (threshold, validation, test);

    /// <summary>Cases at or above it are called melanoma.</summary>
    public double Threshold { get; }

    /// <summary>What it gives on the cases that it was chosen on.</summary>
    public BinaryCounts Validation { get; }

    /// <summary>What it gives on the others.</summary>
    public BinaryCounts Test { get; }

    /// <summary>Chooses the most specific threshold that reaches a sensitivity on validation cases.</summary>
    /// <param name="validation">Cases to choose on.</param>
    /// <param name="test">Cases to apply the threshold to; they have no part in the choice.</param>
    /// <param name="sensitivity">The wanted sensitivity, in (0, 1]; on other cases it may come out lower.</param>
    public static OperatingPoint Choose(BinaryRanking validation, BinaryRanking test, double sensitivity)
    {
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentNullException.ThrowIfNull(test);
        double threshold = validation.ThresholdForSensitivity(sensitivity);
        return new OperatingPoint(threshold, validation.At(threshold), test.At(threshold));
    }
}
