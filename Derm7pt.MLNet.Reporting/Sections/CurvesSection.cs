using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Reporting.Html;
using Derm7pt.MLNet.Reporting.Plots;

namespace Derm7pt.MLNet.Reporting.Sections;

/// <summary>Creates the section with ROC and reliability curves.</summary>
internal static class CurvesSection
{
    public static Section Of(MultiTaskEvaluation test) => new("curves", "Curves", "ROC and reliability",
    [
        Tag.Of("p", "Test cases. Each label against the rest, with its AUROC in the legend; a score on the dashed diagonal is uninformative."),
        Tag.Of("div", ("class", "plots"), test.Tasks.Select((task, index) => CurvePlots.Roc(
            Format.Write($"roc-{index}"), task.Task.Title, [.. task.Model.Labels.Select(label => (label.Label.Name, label.Ranking))]))),
        Tag.Of("h3", "Reliability"),
        Tag.Of("p", "The probability of what was predicted against how often it came true; below the diagonal the model is too sure of itself. The larger a dot, the more cases. ECE: expected calibration error."),
        Tag.Of(
            "div",
            ("class", "plots"),
            test.Melanoma is { } melanoma ? CurvePlots.Reliability("reliability-melanoma", "probability of melanoma", melanoma.Calibration, series: 1) : null,
            test.Tasks.Select((task, index) =>
                CurvePlots.Reliability(Format.Write($"reliability-{index}"), task.Task.Title, task.Model.Calibration, series: 0))),
    ]);
}
