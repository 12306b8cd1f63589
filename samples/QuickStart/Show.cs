using Derm7pt.MLNet;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Interpretation;
using Samples.Shared;
using Spectre.Console;

namespace QuickStart;

/// <summary>Shows results as tables.</summary>
internal static class Show
{
    public static void Release(Derm7ptRelease release)
    {
        Table table = new Table().Title("Cases of each label").Border(TableBorder.Rounded)
            .AddColumns("Task", "Label").AddColumn("Train", c => c.RightAligned()).AddColumn("Validation", c => c.RightAligned())
            .AddColumn("Test", c => c.RightAligned());
        foreach (IGrouping<ClassificationTask, Derm7ptLabelCount> task in release.LabelCounts.GroupBy(count => count.Task))
        {
            table.AddRow(
                task.Key.Title, Lines(task, c => c.Label.Name), Lines(task, c => c.Train), Lines(task, c => c.Validation), Lines(task, c => c.Test));
        }

        AnsiConsole.Write(table);
        ReleaseWarnings.Write(AnsiConsole.Console, release);
        AnsiConsole.WriteLine();
    }

    public static void Evaluation(MultiTaskEvaluation evaluation)
    {
        Table table = new Table().Title("Test split: the model (the majority class); recall, precision and F1 macro-averaged")
            .Border(TableBorder.Rounded).AddColumn("Task");
        foreach (string column in new[] { "Accuracy", "Recall", "Precision", "F1" })
            table.AddColumn(column, c => c.RightAligned().NoWrap());
        foreach (TaskEvaluation task in evaluation.Tasks)
            table.AddRow([task.Task.Title, .. Measures.Select(measure => $"{measure(task.Model.Measures):F2} ({measure(task.Baseline.Measures):F2})")]);
        table.AddEmptyRow();
        foreach ((string title, AveragedMeasures mean) in new[] { ("mean", evaluation.AllTasks), ("mean of the criteria", evaluation.Criteria) })
            table.AddRow([$"[bold]{title}[/]", .. Measures.Select(measure => $"[bold]{measure(mean.Model):F2}[/] ({measure(mean.Baseline):F2})")]);
        AnsiConsole.Write(table);
    }

    public static void Gates(Derm7ptMultiTaskTransformer network)
    {
        string epochs = network.MemberCount == 1
            ? $"the best of {network.History.Epochs.Count} epochs was epoch {network.History.BestEpoch}"
            : $"the model is an ensemble of {network.MemberCount} networks";
        AnsiConsole.MarkupLineInterpolated($"Trained {network.ParameterCount:N0} parameters; {epochs}.\n");
        Table table = new Table().Title("Sharing over all blocks, in percent: the row's task takes of the column's features")
            .Border(TableBorder.Rounded).AddColumn("");
        foreach (ClassificationTask task in network.Taxonomy.Tasks)
            table.AddColumn(task.Code, c => c.RightAligned());
        SharingMatrix sharing = network.Gates.Overall();
        for (int taking = 0; taking < network.Taxonomy.Tasks.Count; taking++)
        {
            table.AddRow([network.Taxonomy.Tasks[taking].Code, .. Enumerable.Range(0, network.Taxonomy.Tasks.Count)
                .Select(giving => taking == giving ? "[grey]own[/]" : $"{sharing[taking, giving]:F0}")]);
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine();
    }

    public static void Predictions(IEnumerable<(CaseInput Input, CasePrediction Prediction)> cases)
    {
        foreach ((CaseInput input, CasePrediction p) in cases)
        {
            Grid grid = new Grid().AddColumns(2)
                .AddRow("Diagnosis", $"[bold]{p.DiagnosisPredictedLabelText}[/] ({p.DiagnosisScore.Max():P0}); label in release: {Markup.Escape(input.DiagnosisRaw)}")
                .AddRow("Melanoma", $"{p.MelanomaProbability:P0} probable")
                .AddRow("Seven-point score", $"{p.SevenPointScore:F0}; score in release: {input.StoredSevenPointScore:F0}")
                .AddRow("Pigment network", p.PigmentNetworkPredictedLabelText)
                .AddRow("Blue-whitish veil", p.BlueWhitishVeilPredictedLabelText)
                .AddRow("Vascular structures", p.VascularStructuresPredictedLabelText)
                .AddRow("Pigmentation", p.PigmentationPredictedLabelText)
                .AddRow("Streaks", p.StreaksPredictedLabelText)
                .AddRow("Dots and globules", p.DotsAndGlobulesPredictedLabelText)
                .AddRow("Regression structures", p.RegressionStructuresPredictedLabelText);
            AnsiConsole.Write(new Panel(grid).Header(Markup.Escape(Path.GetFileName(input.ImagePath))));
        }
    }

    private static readonly Func<TaskMeasures, double>[] Measures =
        [m => m.Accuracy, m => m.MacroRecall, m => m.MacroPrecision, m => m.MacroF1];

    private static string Lines<T>(IEnumerable<Derm7ptLabelCount> counts, Func<Derm7ptLabelCount, T> value) =>
        string.Join('\n', counts.Select(value));
}
