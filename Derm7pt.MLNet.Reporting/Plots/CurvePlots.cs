using System.Xml.Linq;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Reporting.Html;

namespace Derm7pt.MLNet.Reporting.Plots;

/// <summary>Draws ROC and reliability curves, and the seven-point rule at all thresholds.</summary>
internal static class CurvePlots
{
    private static readonly (double Width, double Height) Small = (310, 290), Wide = (560, 320);

    public static XElement Roc(string id, string title, IReadOnlyList<(string Name, BinaryRanking Ranking)> rankings, BinaryCounts? point = null, bool isWide = false)
    {
        string Auroc(BinaryRanking ranking) => $"AUROC {Format.Measure(ranking.Auroc)}";
        var plot = new Plot(
            id,
            $"ROC curves, {title}: " + string.Join("; ", rankings.Select(curve => $"{curve.Name} {Auroc(curve.Ranking)}")),
            isWide ? Wide : Small);
        plot.Axes("1 − specificity", "sensitivity", right: 1, top: 1).Diagonal();
        for (int i = 0; i < rankings.Count; i++)
            plot.Line(Corners(rankings[i].Ranking.Curve), i, dashed: i >= Plot.SeriesColors);
        if (point is not null)
            plot.Dots([(1 - point.Specificity, point.Sensitivity, 5)], rankings.Count);
        IEnumerable<LegendEntry> legend = rankings.Select((curve, i) =>
            new LegendEntry($"{curve.Name} {Format.Measure(curve.Ranking.Auroc)}", Plot.SeriesColor(i), i >= Plot.SeriesColors, Auroc(curve.Ranking)));
        if (point is not null)
            legend = legend.Append(new LegendEntry("direct diagnosis", Plot.SeriesColor(rankings.Count)));
        return Figure.Of(title, plot.ToSvg(), legend);
    }

    /// <summary>The larger a dot, the more cases lie in its bin.</summary>
    public static XElement Reliability(string id, string title, Calibration calibration, int series)
    {
        ReliabilityBin[] bins = [.. calibration.Bins.Where(bin => bin.Count > 0)];
        int most = bins.Select(bin => bin.Count).DefaultIfEmpty(1).Max();
        var plot = new Plot(
            id, $"Reliability, {title}: expected calibration error {Format.Measure(calibration.ExpectedError)}.", Small);
        plot.Axes("mean probability", "share that came true", right: 1, top: 1).Diagonal()
            .Line(bins.Select(bin => (bin.MeanConfidence, bin.Accuracy)), series, thickness: 1.2)
            .Dots(bins.Select(bin => (bin.MeanConfidence, bin.Accuracy, 2.5 + (5 * Math.Sqrt((double)bin.Count / most)))), series);
        return Figure.Of(title, plot.ToSvg(), new LegendEntry($"ECE {Format.Measure(calibration.ExpectedError)}", Plot.SeriesColor(series)));
    }

    public static XElement SevenPointThresholds(SevenPointEvaluation sevenPoint)
    {
        IEnumerable<(double X, double Y)> Points(Func<BinaryCounts, double> measure) =>
            sevenPoint.Curve.Select(point => ((double)point.Threshold, measure(point.Rule)));
        var plot = new Plot("seven-point", "Sensitivity, specificity and F1 of the seven-point rule at each threshold.", Wide);
        plot.Axes("threshold: called melanoma from this score on", "value", right: sevenPoint.Curve.Count - 1, top: 1)
            .Line(Points(counts => counts.Sensitivity), 0)
            .Line(Points(counts => counts.Specificity), 1)
            .Line(Points(counts => counts.F1), 2);
        return Figure.Of(
            "The rule on predicted criteria, at each threshold",
            plot.ToSvg(),
            new LegendEntry("sensitivity", Plot.SeriesColor(0)),
            new LegendEntry("specificity", Plot.SeriesColor(1)),
            new LegendEntry("F1", Plot.SeriesColor(2)));
    }

    /// <summary>A ROC curve without the points that lie between two others on a level or upright line.</summary>
    private static IEnumerable<(double X, double Y)> Corners(IReadOnlyList<ThresholdPoint> curve)
    {
        (double X, double Y)[] points = [.. curve.Select(point => (1 - point.Counts.Specificity, point.Counts.Sensitivity))];
        return points.Where((point, i) =>
            i == 0 || i == points.Length - 1
            || !((points[i - 1].X == point.X && point.X == points[i + 1].X) || (points[i - 1].Y == point.Y && point.Y == points[i + 1].Y)));
    }
}
