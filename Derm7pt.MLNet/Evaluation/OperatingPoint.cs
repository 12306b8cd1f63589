namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents a threshold chosen on validation cases, and the decisions at it on validation and test cases.</summary>
public sealed class OperatingPoint
{
    internal OperatingPoint(double threshold, BinaryCounts validation, BinaryCounts test) =>
        (Threshold, Validation, Test) = (threshold, validation, test);

    /// <summary>The threshold; cases at or above it are called melanoma.</summary>
    public double Threshold { get; }

    /// <summary>The decisions on the validation cases, on which the threshold was chosen.</summary>
    public BinaryCounts Validation { get; }

    /// <summary>The decisions on the test cases.</summary>
    public BinaryCounts Test { get; }

    /// <summary>Chooses the threshold with the highest specificity that has at least the required sensitivity on validation cases.</summary>
    /// <param name="validation">The ranking of the cases on which the threshold is chosen.</param>
    /// <param name="test">The ranking of the cases to which the threshold is applied; it does not affect the choice.</param>
    /// <param name="sensitivity">The required sensitivity, in (0, 1]; the sensitivity on the test cases can be lower.</param>
    public static OperatingPoint Choose(BinaryRanking validation, BinaryRanking test, double sensitivity)
    {
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentNullException.ThrowIfNull(test);
        double threshold = validation.ThresholdForSensitivity(sensitivity);
        return new OperatingPoint(threshold, validation.At(threshold), test.At(threshold));
    }
}
