using System.Xml.Linq;
using Derm7pt.MLNet.Reporting.Html;
using Derm7pt.MLNet.Reporting.Plots;

namespace Derm7pt.MLNet.Reporting.Sections;

/// <summary>Creates the section on the training.</summary>
internal static class TrainingSection
{
    public static Section? Of(ReportInput input)
    {
        TrainingHistory history = input.Model.History;
        XElement[] plots = [.. TrainingPlots.Of(input.Model.Taxonomy, history)];
        return plots.Length == 0 ? null : new Section("training", "Training", "Training",
        [
            Tag.Of("p", $"{Format.Count(history.Epochs.Count)} epochs. " + (history.BestEpoch > 0
                ? Format.Write($"The dashed line is epoch {history.BestEpoch}, whose weights the model has. ")
                : "") + "Training losses are of weighted, usually balanced and augmented mini-batches, validation losses of unchanged cases: their sizes do not compare."),
            Tag.Of("div", ("class", "plots wide"), plots),
        ]);
    }
}
