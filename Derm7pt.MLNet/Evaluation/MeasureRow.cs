using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Evaluation;

/// <summary>Formats the main measures as a row of a <see cref="TextTable"/>, with those of the majority class in parentheses.</summary>
internal static class MeasureRow
{
    public static string[] Header =>
        ["task", "cases", "accuracy", "(majority)", "recall", "(majority)", "precision", "(majority)", "F1", "(majority)"];

    public static string[] Of(TaskEvaluation task) =>
        Of(task.Task.Name, task.CaseCount, task.Model.Measures, task.Baseline.Measures);

    public static string[] Of(string name, int cases, TaskMeasures model, TaskMeasures baseline) =>
    [
        name,
        TextTable.Count(cases),
        .. Pair(model.Accuracy, baseline.Accuracy),
        .. Pair(model.MacroRecall, baseline.MacroRecall),
        .. Pair(model.MacroPrecision, baseline.MacroPrecision),
        .. Pair(model.MacroF1, baseline.MacroF1),
    ];

    private static string[] Pair(double model, double baseline) => [TextTable.Measure(model), $"({TextTable.Measure(baseline)})"];
}
