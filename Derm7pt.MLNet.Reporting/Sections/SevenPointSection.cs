using System.Xml.Linq;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Reporting.Html;
using Derm7pt.MLNet.Reporting.Plots;

namespace Derm7pt.MLNet.Reporting.Sections;

/// <summary>The seven-point rule on predicted criteria against the direct diagnosis.</summary>
internal static class SevenPointSection
{
    private const double WantedSensitivity = 0.95;
    private static readonly int[] UsualThresholds = [1, 3];

    public static Section? Of(ReportInput input)
    {
        if (input.Test is not { SevenPoint: { } sevenPoint, Melanoma: { } melanoma })
            return null;
        return new Section("seven-point-rule", "Seven-point rule", "Seven-point rule against direct diagnosis",
        [
            Tag.Of("p", "Melanoma or not, test cases. The rule calls a case melanoma where the score of its criteria is at or above a threshold. “Predicted” takes the criteria that the model predicts, “stored” the score that the dataset holds."),
            Decisions(sevenPoint, melanoma),
            OperatingPoints(input.Validation, sevenPoint, melanoma),
            Tag.Of(
                "div",
                ("class", "plots wide"),
                CurvePlots.SevenPointThresholds(sevenPoint),
                CurvePlots.Roc(
                    "roc-melanoma", "Melanoma against the rest",
                    [("melanoma probability", melanoma.Ranking), ("seven-point score", sevenPoint.Ranking)], sevenPoint.DirectDiagnosis, isWide: true)),
        ]);
    }

    private static XElement Decisions(SevenPointEvaluation sevenPoint, MelanomaEvaluation melanoma)
    {
        DataTable table = Table("Decisions on melanoma, test cases");
        Add(table, "direct diagnosis", sevenPoint.DirectDiagnosis);
        Add(table, Format.Write($"melanoma probability at least {melanoma.Threshold:0.##}"), melanoma.Counts);
        foreach (SevenPointComparison point in UsualThresholds.Where(threshold => threshold < sevenPoint.Curve.Count).Select(sevenPoint.At))
        {
            Add(table, Format.Write($"predicted score at least {point.Threshold}"), point.Rule);
            if (point.StoredRule is { } stored)
                Add(table, Format.Write($"stored score at least {point.Threshold}"), stored);
        }

        Add(table, "majority class", sevenPoint.Baseline);
        return table.ToElement();
    }

    private static XElement? OperatingPoints(
        MultiTaskEvaluation? validation, SevenPointEvaluation sevenPoint, MelanomaEvaluation melanoma)
    {
        if (validation is not { Melanoma: { Counts.Positives: > 0, Ranking: { } probabilities }, SevenPoint.Ranking: { } scores })
            return null;
        var byProbability = OperatingPoint.Choose(probabilities, melanoma.Ranking, WantedSensitivity);
        var byScore = OperatingPoint.Choose(scores, sevenPoint.Ranking, WantedSensitivity);
        DataTable table = Table("Thresholds chosen on validation cases, applied to test cases");
        Add(table, $"melanoma probability at least {Format.Measure(byProbability.Threshold)}", byProbability.Test);
        Add(table, Format.Write($"predicted score at least {byScore.Threshold:0}"), byScore.Test);
        return Tag.Of(
            "div",
            Tag.Of("h3", "At the same sensitivity"),
            Tag.Of("p", $"Thresholds that reach a sensitivity of {Format.Percent(WantedSensitivity)} on the validation cases, in which the test cases had no part."),
            table.ToElement());
    }

    private static DataTable Table(string caption) => new DataTable(caption).Column("Decision", isNumber: false)
        .Column("Sensitivity").Column("Specificity").Column("Balanced accuracy").Column("PPV", hint: "Positive predictive value")
        .Column("NPV", hint: "Negative predictive value").Column("F1").Column("Found").Column("Missed").Column("False alarms");

    private static void Add(DataTable table, string name, BinaryCounts counts) => table.Row(
        null,
        DataTable.Cell(name),
        DataTable.Number(counts.Sensitivity),
        DataTable.Number(counts.Specificity),
        DataTable.Number(counts.BalancedAccuracy),
        DataTable.Number(counts.PositivePredictiveValue),
        DataTable.Number(counts.NegativePredictiveValue),
        DataTable.Number(counts.F1),
        DataTable.Count(counts.TruePositives),
        DataTable.Count(counts.FalseNegatives),
        DataTable.Count(counts.FalsePositives));
}
