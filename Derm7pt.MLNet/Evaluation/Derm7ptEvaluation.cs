using Derm7pt.MLNet.Data;
using Derm7pt.MLNet.Sampling;
using Derm7pt.MLNet.Scoring;
using Microsoft.ML;

namespace Derm7pt.MLNet;

/// <summary>How the predictions of all tasks compare with the true labels.</summary>
public sealed class Derm7ptEvaluation
{
    private Derm7ptEvaluation(IReadOnlyList<TaskEvaluation> tasks) => Tasks = tasks;

    /// <summary>The tasks, in taxonomy order.</summary>
    public IReadOnlyList<TaskEvaluation> Tasks { get; }

    /// <summary>The mean over all tasks of a measure.</summary>
    /// <param name="measure">For example <c>confusion => confusion.MacroF1</c>.</param>
    public double Mean(Func<ConfusionCounts, double> measure) => Tasks.Average(task => measure(task.Confusion));

    /// <exception cref="ArgumentOutOfRangeException">Columns are missing or of another type.</exception>
    internal static Derm7ptEvaluation Create(IDataView scored, Taxonomy taxonomy)
    {
        DataViewSchema.Column[] truth = LabelColumns.Bind(scored.Schema, taxonomy);
        DataViewSchema.Column[] predicted = [.. taxonomy.Tasks.Select(task => scored.Schema.GetColumnOrNull(ColumnNames.PredictedLabel(task))
            ?? throw new ArgumentOutOfRangeException(
                nameof(scored), ColumnNames.PredictedLabel(task),
                $"Could not find predicted label column '{ColumnNames.PredictedLabel(task)}'."))];

        ConfusionCounts[] confusion = [.. taxonomy.Tasks.Select(task => new ConfusionCounts(task.Labels.Count))];
        using DataViewRowCursor cursor = scored.GetRowCursor([.. truth, .. predicted]);
        ValueGetter<uint>[] truthGetters = Array.ConvertAll(truth, cursor.GetGetter<uint>);
        ValueGetter<uint>[] predictedGetters = Array.ConvertAll(predicted, cursor.GetGetter<uint>);
        while (cursor.MoveNext())
        {
            for (int task = 0; task < confusion.Length; task++)
            {
                uint trueKey = 0, predictedKey = 0;
                truthGetters[task](ref trueKey);
                predictedGetters[task](ref predictedKey);
                // Keys are 1-based; 0 is a label that is not known.
                if ((int)trueKey - 1 != LabelTable.Missing)
                    confusion[task].Add((int)trueKey - 1, (int)predictedKey - 1);
            }
        }

        return new Derm7ptEvaluation([.. taxonomy.Tasks.Select((task, i) => new TaskEvaluation(task, confusion[i]))]);
    }
}

/// <summary>How the predictions of one task compare with the true labels.</summary>
/// <param name="Task">The task.</param>
/// <param name="Confusion">True against predicted labels.</param>
public sealed record TaskEvaluation(ClassificationTask Task, ConfusionCounts Confusion)
{
    /// <summary>What predicting the most frequent label always would give.</summary>
    public ConfusionCounts Baseline { get; } = Confusion.MajorityBaseline();
}
