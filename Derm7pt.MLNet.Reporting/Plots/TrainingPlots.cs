using System.Xml.Linq;
using Derm7pt.MLNet.Reporting.Html;

namespace Derm7pt.MLNet.Reporting.Plots;

/// <summary>Draws losses and F1 over the epochs.</summary>
internal static class TrainingPlots
{
    // More points than pixels would make the page larger without improving the curves.
    private const int MostPoints = 300;

    private static readonly (double Width, double Height) Size = (560, 320);

    public static IEnumerable<XElement> Of(Taxonomy taxonomy, TrainingHistory history)
    {
        if (history.Epochs.Count == 0)
            yield break;
        IReadOnlyList<EpochMetrics> epochs = Sparse.Take(history.Epochs, MostPoints);
        Plot Begin(string id, string description, string vertical, double? top = null)
        {
            Plot plot = new Plot(id, description, Size)
                .Axes("epoch", vertical, right: history.Epochs[^1].Epoch, top: top, left: history.Epochs[0].Epoch);
            return history.BestEpoch > 0 ? plot.VerticalLine(history.BestEpoch) : plot;
        }

        Plot loss = Begin("loss", "Training and validation loss over the epochs.", "loss")
            .Line(epochs.Select(epoch => ((double)epoch.Epoch, epoch.TrainingLoss)), series: 0);
        if (epochs[0].Validation is null)
        {
            yield return Figure.Of("Loss, all tasks", loss.ToSvg(), Entry("training", 0));
            yield break;
        }

        loss.Line(epochs.Select(epoch => ((double)epoch.Epoch, epoch.Validation?.Loss ?? double.NaN)), series: 1);
        yield return Figure.Of("Loss, all tasks", loss.ToSvg(), Entry("training", 0), Entry("validation", 1));

        Plot mean = Begin("mean-f1", "Mean macro F1 of the validation cases over the epochs.", "mean macro F1", top: 1)
            .Line(epochs.Select(epoch => ((double)epoch.Epoch, epoch.Validation?.MeanMacroF1 ?? double.NaN)), series: 2, thickness: 2.4);
        yield return Figure.Of("Mean macro F1, validation", mean.ToSvg(), Entry("mean over all tasks", 2));

        IEnumerable<LegendEntry> tasks = [.. taxonomy.Tasks.Select((task, i) =>
            new LegendEntry(task.Title, Plot.SeriesColor(i), i >= Plot.SeriesColors))];
        yield return Figure.Of(
            "Loss of each task, validation",
            PerTask(Begin("task-loss", "Validation loss of each task over the epochs.", "loss"), validation => validation.TaskLosses),
            tasks);
        yield return Figure.Of(
            "Macro F1 of each task, validation",
            PerTask(Begin("task-f1", "Validation macro F1 of each task over the epochs.", "macro F1", top: 1), validation => validation.MacroF1),
            tasks);

        XElement PerTask(Plot plot, Func<ValidationMetrics, IReadOnlyList<double>> measure)
        {
            for (int i = 0; i < taxonomy.Tasks.Count; i++)
            {
                int task = i;
                plot.Line(
                    epochs.Where(epoch => epoch.Validation is not null).Select(epoch => ((double)epoch.Epoch, measure(epoch.Validation!)[task])),
                    task, thickness: 1.5, dashed: task >= Plot.SeriesColors);
            }

            return plot.ToSvg();
        }
    }

    private static LegendEntry Entry(string name, int series) => new(name, Plot.SeriesColor(series));
}

/// <summary>Some of many, evenly, with the first and the last one.</summary>
internal static class Sparse
{
    public static IReadOnlyList<T> Take<T>(IReadOnlyList<T> items, int most) => items.Count <= most
        ? items
        : [.. Enumerable.Range(0, most).Select(i => items[(int)Math.Round((double)i * (items.Count - 1) / (most - 1))])];
}
