using System.Text;
using System.Text.RegularExpressions;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Reporting.Html;

namespace Derm7pt.MLNet.Reporting.Sections;

/// <summary>The model card (Mitchell et al., FAT* 2019): the purpose of the model, its training, and its limits.</summary>
/// <param name="Title">The title of the model card.</param>
/// <param name="Parts">Its parts; the statements of each are complete sentences.</param>
internal sealed partial record ModelCard(string Title, IReadOnlyList<(string Title, IReadOnlyList<string> Statements)> Parts)
{
    public static ModelCard Of(ReportInput input) => new(input.Title,
    [
        ("Intended use", IntendedUse),
        ("Data", [.. Data(input)]),
        ("Method", [.. Method(input.Model)]),
        (InputSection.Title, [.. InputAndExtractor(input.Model)]),
        ("Metrics", [.. Metrics(input)]),
        ("Limits", [.. Limits(input)]),
    ]);

    public string ToMarkdown()
    {
        var text = new StringBuilder($"# Model card: {Escape(Title)}\n\n> **{ReportPage.Disclaimer}**\n");
        foreach ((string title, IReadOnlyList<string> statements) in Parts)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n## {title}\n\n");
            foreach (string statement in statements)
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"- {Escape(statement)}\n");
        }

        return text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n> **{ReportPage.Disclaimer}**\n").ToString();
    }

    private static readonly string[] IntendedUse =
    [
        "For research on multi-task learning, its interpretation and its evaluation on dermoscopy images, and for teaching.",
        "Not for diagnosis, treatment or triage of anybody, alone or as an aid: it has not been validated for clinical use.",
    ];

    private static IEnumerable<string> Data(ReportInput input)
    {
        if (input.DatasetDescription is { } description)
            yield return description;
        if (input.IsSynthetic)
            yield return "The images are synthetic and show no patients, and the measures do not apply to real skin.";
        yield return $"Labels: {string.Join("; ", input.Model.Taxonomy.Tasks.Select(task => $"{task.Title} ({string.Join(", ", task.Labels.Select(label => label.Name))})"))}.";
        yield return "Raw values are grouped into labels as by Kawahara, Daneshvar, Argenziano and Hamarneh, “Seven-Point Checklist and Skin Lesion Classification using Multi-Task Multi-Modal Neural Nets”, IEEE Journal of Biomedical and Health Informatics, 2018.";
        yield return $"Test cases: {Format.Count(input.Test.CaseCount)}" + (input.Validation is { } validation ? $"; validation cases: {Format.Count(validation.CaseCount)}." : ".");
        foreach (TaskEvaluation task in input.Test.Tasks.Where(task => task.MissingCount > 0))
            yield return $"{task.Task.Title}: the label of {Format.Count(task.MissingCount)} test cases is not known; they are left out of this task.";
    }

    private static IEnumerable<string> Method(Derm7ptMultiTaskTransformer model)
    {
        yield return $"A {(model.HasGates ? "gated " : "")}multi-task convolutional network: Coppola, Lee and Guan, “Interpreting Mechanisms of Prediction for Skin Cancer Diagnosis Using Multi-Task Learning”, CVPR Workshops, 2020.";
        yield return Invariant($"{model.Taxonomy.Tasks.Count} tasks, {model.BlockCount} blocks{(model.HasGates ? $" with {string.Join(", ", model.Gates.ChannelCounts)} channels per task" : "")}, {Format.Count(model.ParameterCount)} parameters, RGB images of {model.ImageWidth} × {model.ImageHeight} pixels.");
        if (model.MemberCount > 1)
            yield return $"An ensemble of {Format.Count(model.MemberCount)} networks, which were trained separately: probabilities and gates are the means over them.";
        yield return $"{Epochs(model, history => history.Epochs.Count)} epochs of training"
            + (model.MemberHistories.All(history => history.BestEpoch > 0) ? $"; the weights are those of epoch {Epochs(model, history => history.BestEpoch)}." : ".");
        // Two statements rather than twenty: one for each group of the recipe.
        IReadOnlyDictionary<string, string> recipe = model.Recipe?.Describe() ?? new Dictionary<string, string>();
        foreach (IGrouping<string, string> group in recipe.GroupBy(
            entry => entry.Key.Split('.')[0], entry => $"{entry.Key[(entry.Key.IndexOf('.', StringComparison.Ordinal) + 1)..]} = {entry.Value}"))
        {
            yield return $"{group.Key} options: {string.Join(", ", group)}.";
        }

        if (model.TrainingDetails.Count > 0)
            yield return $"{string.Join("; ", model.TrainingDetails.Select(detail => $"{detail.Key}: {detail.Value}"))}.";
        yield return "Saliency: Selvaraju et al., “Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization”, ICCV, 2017.";
        yield return "Seven-point rule: Argenziano et al., “Epiluminescence microscopy for the diagnosis of doubtful melanocytic skin lesions”, Archives of Dermatology, 1998.";
    }

    private static IEnumerable<string> InputAndExtractor(Derm7ptMultiTaskTransformer model) =>
        model.InputDetails.Select(detail => $"{detail.Key}: {detail.Value}.");

    private static IEnumerable<string> Metrics(ReportInput input)
    {
        MultiTaskEvaluation test = input.Test;
        (TaskMeasures model, TaskMeasures baseline) = (test.AllTasks.Model, test.AllTasks.Baseline);
        TaskIntervals? intervals = test.Intervals?.AllTasks;
        yield return Line("Mean macro F1", model.MacroF1, baseline.MacroF1, intervals?.MacroF1);
        yield return Line("Mean balanced accuracy", model.BalancedAccuracy, baseline.BalancedAccuracy, intervals?.BalancedAccuracy);
        yield return Line("Mean AUROC", model.MacroAuroc, baseline.MacroAuroc, intervals?.MacroAuroc);
        if (test.Melanoma is { } melanoma)
            yield return Line("Melanoma AUROC", melanoma.Ranking.Auroc, melanoma.BaselineRanking.Auroc, test.Intervals?.MelanomaAuroc);
        for (int i = 0; i < test.Tasks.Count; i++)
        {
            TaskEvaluation task = test.Tasks[i];
            yield return Line($"Macro F1, {task.Task.Title}", task.Model.Measures.MacroF1, task.Baseline.Measures.MacroF1, test.Intervals?.Tasks[i].MacroF1);
        }

        if (test.Intervals is { } bootstrap)
            yield return $"Intervals: {Format.Percent(bootstrap.Level)} percentile bootstrap, {Format.Count(bootstrap.Resamples)} samples of whole cases (Efron and Tibshirani, “An Introduction to the Bootstrap”, 1993).";
    }

    /// <summary>The numbers of all members, one after the other.</summary>
    private static string Epochs(Derm7ptMultiTaskTransformer model, Func<TrainingHistory, int> number) =>
        string.Join(", ", model.MemberHistories.Select(history => Format.Count(number(history))));

    private static string Line(string name, double model, double baseline, ConfidenceInterval? interval)
    {
        string limits = Format.Interval(interval);
        return $"{name}: {Format.Measure(model)}{(limits.Length > 0 ? $" ({limits})" : "")}; majority class {Format.Measure(baseline)}.";
    }

    private static IEnumerable<string> Limits(ReportInput input)
    {
        yield return input.Model.MemberCount == 1
            ? "One training run with one seed: another run gives other figures and may give other gates."
            : "The gates of an ensemble are means: those of a single network may differ from them.";
        yield return "Rare labels have few test cases, so their measures are uncertain; the intervals show how much for each task.";
        yield return "Probabilities are the network's own, which balanced training shifts toward rare labels; the reliability plots show how far they are from frequencies.";
        if (input.Model.HasGates)
            yield return "Gates show how much of a feature passes, not what it means or that it matters to the prediction.";
        yield return "Grad-CAM maps are coarse and are no proof of what a prediction rests on.";
        if (!input.IsSynthetic)
            yield return "Skin types, devices and clinics other than those of the dataset have not been tried.";
    }

    private static string Escape(string text) => Special.Replace(text.ReplaceLineEndings(" "), @"\$0");

    [GeneratedRegex(@"[\\`*_\[\]<>#|]")]
    private static partial Regex Special { get; }
}
