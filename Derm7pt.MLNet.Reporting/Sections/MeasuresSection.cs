using System.Xml.Linq;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Reporting.Html;

namespace Derm7pt.MLNet.Reporting.Sections;

/// <summary>Creates the section with the measures of each task and label.</summary>
internal static class MeasuresSection
{
    public static Section Of(ReportInput input) => new("measures", "Measures", "Measures",
    [
        Tag.Of("p", "Press a header to sort. Below a measure: its bootstrap interval, and what always predicting the majority class gives; bold where the model is better."),
        Tag.Of("h3", "Tasks, test cases"),
        PerTask(input.Test, "Measures of each task, test cases"),
        Tag.Of("details", Tag.Of("summary", Format.Write($"Labels, test cases ({input.Test.Taxonomy.Tasks.Sum(task => task.Labels.Count)})")), PerLabel(input.Test)),
        input.Validation is { } validation
            ? Tag.Of("details", Tag.Of("summary", "Tasks, validation cases"), PerTask(validation, "Measures of each task, validation cases"))
            : null,
    ]);

    private static XElement PerTask(MultiTaskEvaluation evaluation, string caption)
    {
        DataTable table = new DataTable(caption).Column("Task", isNumber: false).Column("Cases")
            .Column("Accuracy").Column("Balanced accuracy", hint: "Mean recall of the labels that occur")
            .Column("Macro F1").Column("AUROC", hint: "Mean over labels, one against the rest")
            .Column("Log-loss", hint: "Lower is better").Column("ECE", hint: "Expected calibration error; lower is better");
        for (int i = 0; i < evaluation.Tasks.Count; i++)
        {
            TaskEvaluation task = evaluation.Tasks[i];
            table.Row(null, [
                DataTable.Cell(task.Task.Title, task.Task.Code),
                DataTable.Count(task.CaseCount),
                .. Measures(task.Model.Measures, task.Baseline.Measures, evaluation.Intervals?.Tasks[i])]);
        }

        AddMean("mean of all tasks", evaluation.AllTasks, evaluation.Intervals?.AllTasks);
        AddMean("mean of the criteria", evaluation.Criteria, evaluation.Intervals?.Criteria);
        return table.ToElement();

        void AddMean(string name, AveragedMeasures mean, TaskIntervals? intervals) => table.Row(
            "mean", [DataTable.Cell(name), DataTable.Count(evaluation.CaseCount), .. Measures(mean.Model, mean.Baseline, intervals)]);
    }

    private static IEnumerable<XElement> Measures(TaskMeasures model, TaskMeasures baseline, TaskIntervals? intervals)
    {
        XElement Cell(double own, double other, ConfidenceInterval? interval = null, bool isLowerBetter = false)
        {
            string[] small = [Format.Interval(interval), $"majority {Format.Measure(other)}"];
            return DataTable.Number(own, isLowerBetter ? own < other : own > other, small.Where(line => line.Length > 0));
        }

        yield return Cell(model.Accuracy, baseline.Accuracy, intervals?.Accuracy);
        yield return Cell(model.BalancedAccuracy, baseline.BalancedAccuracy, intervals?.BalancedAccuracy);
        yield return Cell(model.MacroF1, baseline.MacroF1, intervals?.MacroF1);
        yield return Cell(model.MacroAuroc, baseline.MacroAuroc, intervals?.MacroAuroc);
        yield return Cell(model.LogLoss, baseline.LogLoss, isLowerBetter: true);
        // The calibration error of the majority class is 0 by definition, so a comparison is not useful.
        yield return DataTable.Number(model.CalibrationError);
    }

    private static XElement PerLabel(MultiTaskEvaluation evaluation)
    {
        DataTable table = new DataTable("Measures of each label against the rest, test cases")
            .Column("Label", isNumber: false).Column("Task", isNumber: false).Column("Cases")
            .Column("Sensitivity").Column("Specificity").Column("Precision").Column("F1").Column("AUROC").Column("Average precision");
        foreach (TaskEvaluation task in evaluation.Tasks)
        {
            foreach (LabelEvaluation label in task.Model.Labels)
            {
                table.Row(null, [
                    DataTable.Cell(label.Label.Name),
                    DataTable.Cell(task.Task.Title),
                    DataTable.Count(label.Counts.Positives),
                    DataTable.Number(label.Counts.Sensitivity),
                    DataTable.Number(label.Counts.Specificity),
                    DataTable.Number(label.Counts.PositivePredictiveValue),
                    DataTable.Number(label.Counts.F1),
                    DataTable.Number(label.Ranking.Auroc),
                    DataTable.Number(label.Ranking.AveragePrecision)]);
            }
        }

        return table.ToElement();
    }
}
