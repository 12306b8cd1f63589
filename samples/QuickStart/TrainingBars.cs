using System.Globalization;
using Derm7pt.MLNet;
using Samples.Shared;
using Spectre.Console;

namespace QuickStart;

/// <summary>Shows the progress of training: live bars on a terminal, otherwise a line every few epochs.</summary>
internal sealed class TrainingBars : IProgress<TrainingProgress>, IDisposable
{
    private const int EpochsPerLine = 5;

    private readonly LiveBars _bars;
    private ProgressTask? _images;
    private ProgressTask? _epochs;
    private string _run = "";

    public TrainingBars(int maximumEpochs) => _bars = new LiveBars(AnsiConsole.Console, context =>
    {
        _images = context.AddTask("Decoding images").IsIndeterminate();
        _epochs = context.AddTask("Training", maxValue: maximumEpochs);
    });

    public void Report(TrainingProgress value)
    {
        switch (value)
        {
            case TrainingProgress.ImagesRead images when _images is not null:
                _images.Description = $"Decoding images: {images.Count}";
                break;
            case TrainingProgress.FeaturesComputed features when _images is not null:
                _images.Description = $"Computing features: {features.Count} of {features.Total}";
                break;
            case TrainingProgress.RunStarted run:
                _run = $"Fold {run.Fold} of {run.FoldCount}. ";
                if (_epochs is null)
                    Console.WriteLine(_run);
                break;
            case TrainingProgress.BatchDone batch when _epochs is not null:
                _images!.StopTask();
                _epochs.Value = batch.Epoch - 1 + ((double)batch.Batch / batch.BatchesPerEpoch);
                break;
            case TrainingProgress.EpochDone epoch when _epochs is not null:
                _epochs.Description = _run + Describe(epoch);
                break;
            case TrainingProgress.EpochDone { Metrics.Epoch: 1 } first:
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The first epoch took {first.Metrics.Duration.TotalSeconds:F0} s; all {first.MaximumEpochs} take {first.Metrics.Duration.TotalMinutes * first.MaximumEpochs:F0} min at most."));
                break;
            case TrainingProgress.EpochDone epoch when epoch.Metrics.Epoch % EpochsPerLine == 0:
                Console.WriteLine(Describe(epoch));
                break;
        }
    }

    public void Dispose() => _bars.Dispose();

    private static string Describe(TrainingProgress.EpochDone epoch)
    {
        ValidationMetrics validation = epoch.Metrics.Validation!;
        return $"Epoch {epoch.Metrics.Epoch,3}: loss {epoch.Metrics.TrainingLoss:F3}, validation loss {validation.Loss:F3}, " +
            $"mean macro F1 {validation.MeanMacroF1:F3} (best: epoch {epoch.BestEpoch})";
    }
}
