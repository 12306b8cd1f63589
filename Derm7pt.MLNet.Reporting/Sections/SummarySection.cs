using System.Xml.Linq;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Reporting.Html;

namespace Derm7pt.MLNet.Reporting.Sections;

/// <summary>Creates the summary.</summary>
internal static class SummarySection
{
    public static Section Of(ReportInput input)
    {
        MultiTaskEvaluation test = input.Test;
        (TaskMeasures model, TaskMeasures baseline) = (test.AllTasks.Model, test.AllTasks.Baseline);
        TaskIntervals? intervals = test.Intervals?.AllTasks;
        return new Section("summary", "Summary", "Summary",
        [
            Tag.Of("p", ("class", "lead"), Sentence(test)),
            Tag.Of(
                "div",
                ("class", "tiles"),
                Tile("Mean macro F1", model.MacroF1, baseline.MacroF1, intervals?.MacroF1),
                Tile("Mean balanced accuracy", model.BalancedAccuracy, baseline.BalancedAccuracy, intervals?.BalancedAccuracy),
                Tile("Mean AUROC", model.MacroAuroc, baseline.MacroAuroc, intervals?.MacroAuroc),
                test.Melanoma is { } melanoma
                    ? Tile("Melanoma AUROC", melanoma.Ranking.Auroc, melanoma.BaselineRanking.Auroc, test.Intervals?.MelanomaAuroc)
                    : null),
            Tag.Of("p", ("class", "small"), Legend(test)),
            Tag.Of("dl", ("class", "facts"), Facts(input).Select(fact =>
                Tag.Of("div", Tag.Of("dt", fact.Name), Tag.Of("dd", fact.Value)))),
        ]);
    }

    private static string Sentence(MultiTaskEvaluation test)
    {
        int better = test.Tasks.Count(task => task.Model.Measures.MacroF1 > task.Baseline.Measures.MacroF1);
        string interval = Format.Interval(test.Intervals?.AllTasks.MacroF1);
        return $"On {Format.Count(test.CaseCount)} test cases the mean macro F1 over {test.Tasks.Count} tasks is "
            + Format.Measure(test.AllTasks.Model.MacroF1)
            + (interval.Length > 0 ? $" ({Format.Percent(test.Intervals!.Level)} interval {interval})" : "")
            + $"; always predicting the most frequent label gives {Format.Measure(test.AllTasks.Baseline.MacroF1)}. "
            + Invariant($"The model is above that in {better} of {test.Tasks.Count} tasks.");
    }

    private static string Legend(MultiTaskEvaluation test) =>
        "Thick mark: the model. Thin mark: the majority class. " + (test.Intervals is { } intervals
            ? $"Band: {Format.Percent(intervals.Level)} bootstrap interval of {Format.Count(intervals.Resamples)} samples of the test cases; "
                + "it does not include the variation between training runs."
            : "No bootstrap intervals were requested.");

    private static XElement Tile(string title, double model, double baseline, ConfidenceInterval? interval) => Tag.Of(
        "div",
        ("class", "tile"),
        Tag.Of("h3", title),
        Tag.Of("p", ("class", "figure"), Format.Measure(model)),
        Tag.Of(
            "div",
            ("class", "gauge"),
            ("aria-hidden", "true"),
            interval is { } known && double.IsFinite(known.Lower)
                ? Tag.Of("span", ("class", "band"), ("style", $"--a:{Format.Short(known.Lower)};--b:{Format.Short(known.Upper)}"), "")
                : null,
            Mark("base", baseline),
            Mark("model", model)),
        Tag.Of("p", ("class", "small"), Format.Interval(interval)),
        Tag.Of("p", ("class", "small"), $"majority class {Format.Measure(baseline)}"));

    private static XElement? Mark(string kind, double value) => double.IsFinite(value)
        ? Tag.Of("span", ("class", kind), ("style", $"--a:{Format.Short(value)}"), "")
        : null;

    private static IEnumerable<(string Name, string Value)> Facts(ReportInput input)
    {
        Derm7ptMultiTaskTransformer model = input.Model;
        yield return ("Tasks and labels", Format.Write($"{model.Taxonomy.Tasks.Count} and {model.Taxonomy.Tasks.Sum(task => task.Labels.Count)}"));
        yield return ("Parameters", Format.Count(model.ParameterCount));
        yield return ("Blocks", Format.Count(model.BlockCount));
        yield return ("Images", Format.Write($"{model.ImageWidth} × {model.ImageHeight}"));
        if (model.MemberCount > 1)
            yield return ("Networks (ensemble)", Format.Count(model.MemberCount));
        yield return ("Epochs", Format.Count(model.MemberHistories.Sum(history => history.Epochs.Count)));
        if (model.MemberCount == 1)
            yield return ("Best epoch", model.History.BestEpoch == 0 ? "none" : Format.Count(model.History.BestEpoch));
        yield return ("Test cases", Format.Count(input.Test.CaseCount));
        if (model.HasGates)
            yield return ("Mean sharing", Format.Percent(model.Gates.Overall().MeanSharing));
    }
}
