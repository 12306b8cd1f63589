using System.Globalization;
using CsvHelper;

namespace Derm7pt.MLNet.Reporting.Files;

/// <summary>Writes the measures of a training as CSV, one epoch per line; missing values are empty.</summary>
internal static class HistoryCsv
{
    public static void Write(TextWriter writer, Taxonomy taxonomy, TrainingHistory history)
    {
        using CsvWriter csv = CsvWriter.Create(writer, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        csv.WriteRecord(
        [
            "epoch", "best", "seconds", "trainingLoss", "validationLoss", "meanMacroF1",
            .. taxonomy.Tasks.SelectMany(task => new[] { $"{task.Name}.loss", $"{task.Name}.macroF1", $"{task.Name}.accuracy" }),
        ]);
        foreach (EpochMetrics epoch in history.Epochs)
        {
            ValidationMetrics? validation = epoch.Validation;
            csv.WriteRecord(
            [
                epoch.Epoch.ToString(CultureInfo.InvariantCulture),
                epoch.Epoch == history.BestEpoch ? "1" : "0",
                Field(epoch.Duration.TotalSeconds),
                Field(epoch.TrainingLoss),
                Field(validation?.Loss),
                Field(validation?.MeanMacroF1),
                .. Enumerable.Range(0, taxonomy.Tasks.Count).SelectMany(task => new[]
                {
                    Field(validation?.TaskLosses[task]), Field(validation?.MacroF1[task]), Field(validation?.Accuracy[task]),
                }),
            ]);
        }
    }

    private static string Field(double? value) =>
        value is { } number && double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : "";
}
