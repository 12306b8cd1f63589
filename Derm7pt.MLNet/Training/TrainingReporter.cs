using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Derm7pt.MLNet.Training;

/// <summary>Reports the training to the caller's progress object and to ML.NET's log.</summary>
internal sealed class TrainingReporter : IDisposable
{
    private const int ImagesPerReport = 100;
    private const double Megabyte = 1 << 20;

    private readonly IProgress<TrainingProgress>? _progress;
    private readonly IChannel? _log;
    private readonly Lock _lock = new();
    private int _images;

    private TrainingReporter(IProgress<TrainingProgress>? progress, IChannel? log) => (_progress, _log) = (progress, log);

    /// <param name="progress">Receives the reports; null for none.</param>
    /// <param name="logTo">A context whose log receives messages; null for none.</param>
    /// <param name="source">The name of the component that trains, in the log.</param>
    public static TrainingReporter Create(IProgress<TrainingProgress>? progress, MLContext? logTo, string source)
    {
        IHost? host = ((IHostEnvironment?)logTo)?.Register(source);
        return new TrainingReporter(progress, host?.Start("Training"));
    }

    /// <summary>Reports that an image has been read; several threads call this method concurrently.</summary>
    public void ImageRead()
    {
        // Reports are sent under the lock, so that they arrive one at a time and with increasing numbers.
        lock (_lock)
        {
            if (++_images % ImagesPerReport == 0)
                _progress?.Report(new TrainingProgress.ImagesRead(_images));
        }
    }

    /// <summary>Reports that all images have been read.</summary>
    public void ImagesDone() => _progress?.Report(new TrainingProgress.ImagesRead(_images));

    public void Report(TrainingProgress progress)
    {
        _progress?.Report(progress);
        if (_log is null)
            return;
        switch (progress)
        {
            case TrainingProgress.EpochDone epoch:
                _log.Info(MessageSensitivity.None, Describe(epoch));
                break;
            case TrainingProgress.FeaturesComputed features when features.Count == features.Total:
                _log.Info(MessageSensitivity.None, Describe(features));
                break;
            case TrainingProgress.RunStarted run:
                _log.Info(MessageSensitivity.None, Invariant($"Run {run.Run}/{run.RunCount}: fold {run.Fold} of {run.FoldCount}, seed {run.Seed}"));
                break;
        }
    }

    /// <summary>Writes warnings to the log. Without a log, the warnings are not computed.</summary>
    public void Warn(IEnumerable<string> warnings)
    {
        if (_log is null)
            return;
        foreach (string warning in warnings)
            _log.Warning(MessageSensitivity.UserData, warning);
    }

    /// <summary>Reports that the run continues from a checkpoint.</summary>
    public void Resuming(string path, int epochs) =>
        _log?.Info(MessageSensitivity.None, Invariant($"Going on after epoch {epochs}, from the checkpoint '{path}'."));

    public void Dispose() => _log?.Dispose();

    private static string Describe(TrainingProgress.FeaturesComputed features) => string.Create(
        CultureInfo.InvariantCulture,
        $"Features of {features.Total} images are cached: {features.MemoryBytes / Megabyte:F1} MB in memory, {features.FileBytes / Megabyte:F1} MB in temporary files");

    private static string Describe(TrainingProgress.EpochDone epoch)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture, $"Epoch {epoch.Metrics.Epoch}/{epoch.MaximumEpochs}: training loss {epoch.Metrics.TrainingLoss:F4}");
        if (epoch.Metrics.Validation is { } validation)
        {
            text += string.Create(
                CultureInfo.InvariantCulture,
                $", validation loss {validation.Loss:F4}, mean macro F1 {validation.MeanMacroF1:F4}, best epoch {epoch.BestEpoch}");
        }

        return text;
    }
}
