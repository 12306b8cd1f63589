using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Evaluation;

public sealed partial class MultiTaskEvaluation
{
    /// <summary>
    /// Returns a table of the tasks and their means: accuracy and the macro averages of recall, precision and F1, each with the value
    /// of the majority class in parentheses.
    /// </summary>
    public override string ToString() => TextTable.Align(
    [
        MeasureRow.Header,
        .. Tasks.Select(MeasureRow.Of),
        MeasureRow.Of("mean of all tasks", CaseCount, AllTasks.Model, AllTasks.Baseline),
        .. Criteria.TaskCount == 0 || Criteria.TaskCount == Tasks.Count
            ? Array.Empty<string[]>()
            : [MeasureRow.Of("mean of the criteria", CaseCount, Criteria.Model, Criteria.Baseline)],
    ]);
}
