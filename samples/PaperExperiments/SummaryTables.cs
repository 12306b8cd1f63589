namespace PaperExperiments;

/// <summary>A table as text; the first column holds names, the others numbers.</summary>
internal sealed record TextTable(string Title, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>What a person would want to see of a comparison, whatever it is shown with.</summary>
internal static class SummaryTables
{
    private static readonly string[] MeasureTitles = ["Accuracy", "Recall (macro)", "Precision (macro)", "F1 (macro)"];
    private static readonly (string Item, string Title)[] Means = [("all tasks", "mean"), ("criteria", "mean of the criteria")];

    public static IReadOnlyList<string> Introduction(Comparison comparison) =>
    [
        $"Test split; mean ± standard deviation over seeds, without ± where there is one seed. Images of {comparison.Settings.ImageSize} × " +
        $"{comparison.Settings.ImageSize} pixels, {comparison.Settings.SamplesPerLabel} samples a label, " +
        $"{comparison.Settings.MaximumEpochs} epochs at most.",
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
            $"{outcome.Expectation.Less.Name} {Percent(outcome.Less)} %; the order of the means is " +
            (outcome.Met ? "the article's." : "not the article's.")),
    ];

    private static TextTable Overview(IReadOnlyList<PresetSummary> presets) => new(
        "Experiments: means of all tasks",
        ["Experiment", "Seeds", "Parameters", "Best epoch", "Accuracy", "Recall", "Precision", "F1", "Melanoma AUROC", "Sharing, %"],
        [
            .. presets.Select(preset => (string[])
            [
                preset.Preset.Name,
                string.Join(", ", preset.Seeds),
                $"{preset["network", "", "parameters"].Mean:N0}",
                $"{preset["training", "", "bestEpoch"].Mean:F0} of {preset["training", "", "epochs"].Mean:F0}",
                .. RunRecord.TaskMeasures.Select(measure => Share(preset["average", "all tasks", measure])),
                Share(preset["melanoma", "probability", "auroc"]),
                Percent(preset[FigureNames.MeanSharing]),
            ]),
        ]);

    private static TextTable Tasks(IReadOnlyList<PresetSummary> presets, string measure, string title) => new(
        title,
        ["Task", .. presets.Select(preset => preset.Preset.Name)],
        [
            .. presets[0].Tasks.Select(task => (string[])[task, .. presets.Select(preset => Share(preset["task", task, measure]))]),
            .. from mean in Means
               select (string[])[mean.Title, .. presets.Select(preset => Share(preset["average", mean.Item, measure]))],
        ]);

    private static TextTable MelanomaCalls(Comparison comparison) => new(
        $"Melanoma: direct diagnosis, seven-point rule, and thresholds that reach a sensitivity of {comparison.Settings.Sensitivity} on validation cases",
        ["Experiment and call", "Sensitivity", "Specificity", "Precision", "Balanced accuracy", "F1"],
        [
            .. from preset in comparison.Presets
               from call in (string[])
               [
                   FigureNames.DirectDiagnosis, .. RunRecord.RuleThresholds.Select(FigureNames.Rule), FigureNames.ProbabilityAtPoint, FigureNames.ScoreAtPoint,
               ]
               select (string[])
               [
                   $"{preset.Preset.Name}: {call}",
                   .. RunRecord.CallMeasures.Select(measure => Share(preset["melanoma call", call, measure])),
               ],
        ]);

    private static TextTable Calibration(IReadOnlyList<PresetSummary> presets) => new(
        "Expected calibration error before → after temperature scaling fitted on validation cases",
        ["Task", .. presets.Select(preset => preset.Preset.Name)],
        [
            .. presets[0].Tasks.Select(task => (string[])
            [
                task,
                .. presets.Select(preset =>
                    $"{preset["calibration", task, "calibrationErrorBefore"].Mean:F3} → {preset["calibration", task, "calibrationErrorAfter"].Mean:F3}"),
            ]),
        ]);

    private static TextTable GivenAndTaken(IReadOnlyList<PresetSummary> presets) => new(
        "Sharing over all blocks, given / taken, in percent of the other tasks' features",
        ["Task", .. presets.Select(preset => preset.Preset.Name)],
        [
            .. presets[0].Tasks.Select(task => (string[])
                [task, .. presets.Select(preset => $"{Percent(preset[FigureNames.Given(task)])} / {Percent(preset[FigureNames.Taken(task)])}")]),
            ["mean", .. presets.Select(preset => Percent(preset[FigureNames.MeanSharing]))],
        ]);

    private static TextTable Matrix(PresetSummary preset) => new(
        $"Sharing over all blocks, {preset.Preset.Name} ({preset.Preset.Description}), in percent: the row's task takes of the column's features",
        ["Takes", .. preset.Preset.Taxonomy.Tasks.Select(task => task.Code)],
        [
            .. preset.Preset.Taxonomy.Tasks.Select(taking => (string[])
            [
                taking.Name,
                .. preset.Preset.Taxonomy.Tasks.Select(giving =>
                    giving == taking ? "own" : $"{preset[FigureNames.Sharing("all blocks", taking.Name, giving.Name)].Mean:F0}"),
            ]),
        ]);

    private static string Share(Statistic statistic) => Text(statistic, "F3");

    private static string Percent(Statistic statistic) => Text(statistic, "F1");

    private static string Text(Statistic statistic, string format) => statistic.Count switch
    {
        0 => "–",
        1 => statistic.Mean.ToString(format),
        _ => $"{statistic.Mean.ToString(format)} ± {statistic.Deviation.ToString(format)}",
    };
}
