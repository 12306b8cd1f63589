using Derm7pt.MLNet;

namespace PaperExperiments;

/// <summary>A table as text; the first columns hold names, the others numbers.</summary>
internal sealed record TextTable(
    string Title, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows, int NameColumns = 1);

/// <summary>The tables of a comparison, independent of the output format.</summary>
internal static class SummaryTables
{
    private static readonly string[] MeasureTitles = ["Accuracy", "Recall (macro)", "Precision (macro)", "F1 (macro)"];
    private static readonly (string Item, string Title)[] Means = [("all tasks", "mean"), ("criteria", "mean of the criteria")];

    public static IReadOnlyList<string> Introduction(Comparison comparison) =>
    [
        "Test split; mean ± standard deviation over seeds, without ± where there is one seed. Images of " +
        $"{comparison.Settings.ImageSize} × {comparison.Settings.ImageSize} pixels, {comparison.Settings.SamplesPerLabel} samples a label, " +
        $"{comparison.Settings.Training.MaximumEpochs} epochs at most.",
        .. comparison.Release.Synthetic ? (string[])["Measured on a synthetic release: nothing here says anything about skin lesions."] : [],
        .. comparison.LeftOut.Select(reason => $"Left out: {reason}"),
    ];

    public static IReadOnlyList<TextTable> All(Comparison comparison) =>
    [
        Overview(comparison.Presets),
        .. RunRecord.TaskMeasures.Zip(MeasureTitles, (measure, title) => Tasks(comparison.Presets, measure, title)),
        MelanomaCalls(comparison),
        Calibration(comparison.Presets),
        GivenAndTaken(comparison.Presets),
        .. comparison.Presets.Select(Matrix),
    ];

    public static IReadOnlyList<string> Expectations(Comparison comparison) =>
    [
        .. comparison.Expectations.Select(outcome =>
            $"The article: {outcome.Expectation.Claim}. Mean sharing here: {outcome.Expectation.More.Name} {Percent(outcome.More)} %, " +
            $"{outcome.Expectation.Less.Name} {Percent(outcome.Less)} %; the order of these means is " +
            (outcome.Met ? "as in the article." : "not as in the article.")),
    ];

    private static TextTable Overview(IReadOnlyList<PresetSummary> presets) => new(
        "Experiments: means of all tasks",
        ["", .. Titles(presets)],
        [
            Row(presets, "Seeds", preset => string.Join(", ", preset.Seeds)),
            Row(presets, "Parameters", preset => $"{preset["network", "", "parameters"].Mean:N0}"),
            Row(presets, "Best epoch", preset => Text(preset["training", "", "bestEpoch"], "F0")),
            Row(presets, "Epochs", preset => Text(preset["training", "", "epochs"], "F0")),
            .. RunRecord.TaskMeasures.Zip(MeasureTitles, (measure, title) =>
                Row(presets, title, preset => Share(preset["average", "all tasks", measure]))),
            Row(presets, "Melanoma AUROC", preset => Share(preset["melanoma", "probability", "auroc"])),
            Row(presets, "Mean sharing, %", preset => Percent(preset[FigureNames.MeanSharing])),
        ]);

    private static TextTable Tasks(IReadOnlyList<PresetSummary> presets, string measure, string title) => new(
        title,
        ["Task", .. Titles(presets)],
        [
            .. TasksOf(presets).Select(task => Row(presets, task.Title, preset => Share(preset["task", task.Name, measure]))),
            .. Means.Select(mean => Row(presets, mean.Title, preset => Share(preset["average", mean.Item, measure]))),
        ]);

    private static TextTable MelanomaCalls(Comparison comparison) => new(
        "Melanoma: direct diagnosis, seven-point rule, and thresholds that reach a sensitivity of " +
        $"{comparison.Settings.Sensitivity} on validation cases",
        ["Experiment", "Called melanoma by", "Sensitivity", "Specificity", "Precision", "Balanced accuracy", "F1"],
        [
            .. from preset in comparison.Presets
               from call in (string[])
               [
                   FigureNames.DirectDiagnosis, .. RunRecord.RuleThresholds.Select(FigureNames.Rule),
                   FigureNames.ProbabilityAtPoint, FigureNames.ScoreAtPoint,
               ]
               select (string[])
               [
                   preset.Preset.Title,
                   call,
                   .. RunRecord.CallMeasures.Select(measure => Share(preset["melanoma call", call, measure])),
               ],
        ],
        NameColumns: 2);

    private static TextTable Calibration(IReadOnlyList<PresetSummary> presets) => new(
        "Expected calibration error before → after temperature scaling fitted on validation cases",
        ["Task", .. Titles(presets)],
        [
            .. TasksOf(presets).Select(task => Row(presets, task.Title, preset =>
                $"{preset["calibration", task.Name, "calibrationErrorBefore"].Mean:F3} → " +
                $"{preset["calibration", task.Name, "calibrationErrorAfter"].Mean:F3}")),
        ]);

    private static TextTable GivenAndTaken(IReadOnlyList<PresetSummary> presets) => new(
        "Sharing over all blocks, given / taken, in percent of the other tasks' features",
        ["Task", .. Titles(presets)],
        [
            .. TasksOf(presets).Select(task => Row(presets, task.Title, preset =>
                $"{Percent(preset[FigureNames.Given(task.Name)])} / {Percent(preset[FigureNames.Taken(task.Name)])}")),
            Row(presets, "mean", preset => Percent(preset[FigureNames.MeanSharing])),
        ]);

    private static TextTable Matrix(PresetSummary preset) => new(
        $"Sharing over all blocks, {preset.Preset.Title} ({preset.Preset.Description}), in percent: " +
        "the row's task takes of the column's features",
        ["Takes", .. preset.Preset.Taxonomy.Tasks.Select(task => task.Code)],
        [
            .. preset.Preset.Taxonomy.Tasks.Select(taking => (string[])
            [
                taking.Title,
                .. preset.Preset.Taxonomy.Tasks.Select(giving =>
                    giving == taking ? "own" : $"{preset[FigureNames.Sharing("all blocks", taking.Name, giving.Name)].Mean:F0}"),
            ]),
        ]);

    private static string[] Row(IReadOnlyList<PresetSummary> presets, string name, Func<PresetSummary, string> value) =>
        [name, .. presets.Select(value)];

    private static IEnumerable<string> Titles(IReadOnlyList<PresetSummary> presets) => presets.Select(preset => preset.Preset.Title);

    // All taxonomies of the experiments have the same tasks.
    private static IReadOnlyList<ClassificationTask> TasksOf(IReadOnlyList<PresetSummary> presets) => presets[0].Preset.Taxonomy.Tasks;

    private static string Share(Statistic statistic) => Text(statistic, "F3");

    private static string Percent(Statistic statistic) => Text(statistic, "F1");

    private static string Text(Statistic statistic, string format) => statistic.Count switch
    {
        0 => "–",
        1 => statistic.Mean.ToString(format),
        _ => $"{statistic.Mean.ToString(format)} ± {statistic.Deviation.ToString(format)}",
    };
}
