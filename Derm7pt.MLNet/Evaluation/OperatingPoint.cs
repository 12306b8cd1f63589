namespace Derm7pt.MLNet;

/// <summary>A threshold that was chosen on validation cases, and what it gives on them and on others.</summary>
/// <param name="Threshold">Cases at or above it are called melanoma.</param>
/// <param name="Validation">What it gives on the cases that it was chosen on.</param>
/// <param name="Test">What it gives on the others.</param>
public sealed record OperatingPoint(double Threshold, BinaryCounts Validation, BinaryCounts Test)
{
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

/// <summary>The seven-point score and the melanoma probability, each at the threshold that reaches the same sensitivity.</summary>
/// <param name="Sensitivity">The sensitivity that was to be reached on the validation cases.</param>
/// <param name="SevenPointScore">The score of the predicted criteria.</param>
/// <param name="MelanomaProbability">The probability of melanoma.</param>
public sealed record MelanomaOperatingPoints(double Sensitivity, OperatingPoint SevenPointScore, OperatingPoint MelanomaProbability)
{
    /// <summary>Chooses both thresholds on validation cases and applies them to test cases.</summary>
    /// <param name="validation">The evaluation of the validation cases.</param>
    /// <param name="test">The evaluation of the test cases.</param>
    /// <param name="sensitivity">The sensitivity to reach, in (0, 1].</param>
    /// <exception cref="InvalidOperationException">
    /// An evaluation knows no melanoma, or there is no melanoma among the validation cases.
    /// </exception>
    public static MelanomaOperatingPoints Choose(Derm7ptEvaluation validation, Derm7ptEvaluation test, double sensitivity)
    {
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentNullException.ThrowIfNull(test);
        return new MelanomaOperatingPoints(
            sensitivity,
            OperatingPoint.Choose(SevenPoint(validation).Ranking, SevenPoint(test).Ranking, sensitivity),
            OperatingPoint.Choose(Melanoma(validation).Ranking, Melanoma(test).Ranking, sensitivity));
    }

    private static SevenPointEvaluation SevenPoint(Derm7ptEvaluation evaluation) => evaluation.SevenPoint ?? throw NoMelanoma();

    private static MelanomaEvaluation Melanoma(Derm7ptEvaluation evaluation) => evaluation.Melanoma ?? throw NoMelanoma();

    private static InvalidOperationException NoMelanoma() => new("The taxonomy has no diagnosis that knows melanoma.");
}
