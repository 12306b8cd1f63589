using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Reporting.Html;

namespace Derm7pt.MLNet.Reporting.Sections;

/// <summary>True against predicted labels.</summary>
internal static class ConfusionSection
{
    public static Section Of(MultiTaskEvaluation test) => new("confusion", "Confusion", "Confusion matrices",
    [
        Tag.Of("p", "Test cases. Rows are true labels, columns predicted ones; the stronger its colour, the larger a cell's share of its row."),
        Tag.Of("div", ("class", "heats"), test.Tasks.Select(task => Tag.Of("div", Matrix(task)))),
    ]);

    private static System.Xml.Linq.XElement Matrix(TaskEvaluation task)
    {
        IReadOnlyList<TaskLabel> labels = task.Task.Labels;
        (string, string)[] names = [.. labels.Select(label => (label.Code, label.Name))];
        return DataTable.Scrolling($"Confusion matrix, {task.Task.Title}", HeatTable.Of(
            task.Task.Title, "true \\ predicted", names, names, (truth, predicted) =>
            {
                int count = task.Model.Confusion[truth, predicted], support = task.Model.Confusion.Support(truth);
                double share = support == 0 ? 0 : (double)count / support;
                return new HeatCell(
                    Format.Count(count), share,
                    $"{Format.Count(count)} of {Format.Count(support)} cases of {labels[truth].Name} ({Format.Percent(share)}) were called {labels[predicted].Name}");
            }));
    }
}
