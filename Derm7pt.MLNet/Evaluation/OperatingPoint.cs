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

/// <summary>The seven-point score and the melanoma probability, each at the threshold that reaches the same sensitivity.</summary>
public sealed class MelanomaOperatingPoints
{
    internal MelanomaOperatingPoints(double sensitivity, OperatingPoint sevenPointScore, OperatingPoint melanomaProbability) =>
        (Sensitivity, SevenPointScore, MelanomaProbability) = (sensitivity, sevenPointScore, melanomaProbability);

    /// <summary>The sensitivity that was to be reached on the validation cases.</summary>
    public double Sensitivity { get; }

    /// <summary>The score of the predicted criteria.</summary>
    public OperatingPoint SevenPointScore { get; }

    /// <summary>The probability of melanoma.</summary>
    public OperatingPoint MelanomaProbability { get; }

    /// <summary>Chooses both thresholds on validation cases and applies them to test cases.</summary>
    /// <param name="validation">The evaluation of the validation cases.</param>
    /// <param name="test">The evaluation of the test cases.</param>
    /// <param name="sensitivity">The sensitivity to reach, in (0, 1].</param>
    /// <exception cref="InvalidOperationException">
    /// An evaluation knows no melanoma, or there is no melanoma among the validation cases.
    /// </exception>
    public static MelanomaOperatingPoints Choose(MultiTaskEvaluation validation, MultiTaskEvaluation test, double sensitivity)
    {
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentNullException.ThrowIfNull(test);
        return new MelanomaOperatingPoints(
            sensitivity,
            OperatingPoint.Choose(SevenPoint(validation).Ranking, SevenPoint(test).Ranking, sensitivity),
            OperatingPoint.Choose(Melanoma(validation).Ranking, Melanoma(test).Ranking, sensitivity));
    }

    private static SevenPointEvaluation SevenPoint(MultiTaskEvaluation evaluation) => evaluation.SevenPoint ?? throw NoMelanoma();

    private static MelanomaEvaluation Melanoma(MultiTaskEvaluation evaluation) => evaluation.Melanoma ?? throw NoMelanoma();

    private static InvalidOperationException NoMelanoma() => new("The taxonomy has no diagnosis that knows melanoma.");
}
