using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents the measures of a cross-validation: their means and variation over its runs.</summary>
public sealed class CrossValidationSummary
{
    private static readonly string[] CsvHeader = ["scope", "task", "measure", "mean", "standardDeviation", "minimum", "maximum", "pooled"];

    private static readonly (string Title, string Measure)[] TableMeasures =
        [("accuracy", "accuracy"), ("recall", "macroRecall"), ("precision", "macroPrecision"), ("F1", "macroF1"), ("AUROC", "macroAuroc")];

    /// <param name="runs">The evaluations of the held-out cases, for each seed those of its folds.</param>
    internal CrossValidationSummary(IReadOnlyList<IReadOnlyList<MultiTaskEvaluation>> runs)
    {
        var options = new MultiTaskEvaluation.Options { BootstrapResamples = 0 };
        OutOfFold = [.. runs.Select(folds => MultiTaskEvaluation.Pool(folds, options))];
        IReadOnlyList<(string Scope, string Task, string Measure, double Value)>[] ofRuns = [.. runs.SelectMany(folds => folds).Select(Figures)];
        IReadOnlyList<(string Scope, string Task, string Measure, double Value)>[] pooled = [.. OutOfFold.Select(Figures)];
        Measures =
        [
            .. ofRuns[0].Select((figure, i) => new MeasureSummary(
                figure.Scope, figure.Task, figure.Measure, [.. ofRuns.Select(run => run[i].Value)], [.. pooled.Select(seed => seed[i].Value)])),
        ];
    }

    /// <summary>All measures: of the means over all tasks and over the criteria, of each task, and the AUROC of melanoma.</summary>
    public IReadOnlyList<MeasureSummary> Measures { get; }

    /// <summary>
    /// For each seed the evaluation of all cases, each predicted by the model of the fold that it was held out of. There are no bootstrap
    /// intervals, since they would treat the cases of a group as independent.
    /// </summary>
    public IReadOnlyList<MultiTaskEvaluation> OutOfFold { get; }

    /// <summary>Gets the summary of one measure.</summary>
    /// <param name="task">A task's name, <c>all tasks</c>, <c>criteria</c> or <c>melanoma</c>.</param>
    /// <param name="measure">The measure, such as <c>macroF1</c>.</param>
    /// <exception cref="ArgumentException">The measure does not exist.</exception>
    public MeasureSummary this[string task, string measure] =>
        Measures.FirstOrDefault(row => row.Task == task && row.Measure == measure)
            ?? throw new ArgumentException($"There is no measure '{measure}' of '{task}'.");

    /// <summary>
    /// Writes the figures as CSV, one measure a line: <c>scope,task,measure,mean,standardDeviation,minimum,maximum,pooled</c>. A figure that
    /// is not defined is empty.
    /// </summary>
    /// <param name="writer">Where to write; it stays open.</param>
    public void WriteCsv(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Export.Csv(
            writer,
            [
                CsvHeader,
                .. Measures.Select(row => (string[])
                [
                    row.Scope, row.Task, row.Measure, Export.Field(row.Mean), Export.Field(row.StandardDeviation), Export.Field(row.Minimum),
                    Export.Field(row.Maximum), Export.Field(row.Pooled),
                ]),
            ]);
    }

    /// <summary>Returns a table of the tasks and their means: accuracy and macro averages, each as mean ± standard deviation over the runs.</summary>
    public override string ToString() => TextTable.Align(
    [
        ["task", .. TableMeasures.Select(column => column.Title)],
        .. Measures.Select(row => (row.Scope, row.Task)).Distinct()
            .Where(row => row.Scope != "melanoma" && (row.Task != "criteria" || row.Scope == "task" || HasOtherCriteria))
            .OrderByDescending(row => row.Scope == "task")
            .Select(row => (string[])
            [
                row.Scope == "task" ? row.Task : $"mean of {(row.Task == "criteria" ? "the criteria" : row.Task)}",
                .. TableMeasures.Select(column => Cell(Measures.First(m => (m.Scope, m.Task, m.Measure) == (row.Scope, row.Task, column.Measure)))),
            ]),
    ]);

    // The mean of the criteria is shown only if it differs from that of all tasks.
    private bool HasOtherCriteria => OutOfFold[0].Criteria.TaskCount > 0 && OutOfFold[0].Criteria.TaskCount < OutOfFold[0].Tasks.Count;

    private static string Cell(MeasureSummary row) => $"{TextTable.Measure(row.Mean)} ± {TextTable.Measure(row.StandardDeviation)}";

    private static IReadOnlyList<(string Scope, string Task, string Measure, double Value)> Figures(MultiTaskEvaluation evaluation) =>
    [
        .. Figures("average", "all tasks", evaluation.AllTasks.Model),
        .. Figures("average", "criteria", evaluation.Criteria.Model),
        .. evaluation.Tasks.SelectMany(task => Figures("task", task.Task.Name, task.Model.Measures)),
        .. evaluation.Melanoma is { } melanoma ? [("melanoma", "melanoma", "auroc", melanoma.Ranking.Auroc)] : Array.Empty<(string, string, string, double)>(),
    ];

    private static IEnumerable<(string Scope, string Task, string Measure, double Value)> Figures(string scope, string task, TaskMeasures measures) =>
        measures.Named.Select(figure => (scope, task, figure.Name, figure.Value));
}
