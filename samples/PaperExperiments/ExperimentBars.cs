using Derm7pt.MLNet;
using Samples.Shared;
using Spectre.Console;

namespace PaperExperiments;

/// <summary>Shows the progress of the runs: live bars on a terminal, otherwise a line every few epochs.</summary>
internal sealed class ExperimentBars : IProgress<ExperimentProgress>, IDisposable
{
    private const int EpochsPerLine = 5;

    private readonly IAnsiConsole _console;
    private readonly LiveBars _bars;
    private ProgressTask? _all;
    private ProgressTask? _run;

    public ExperimentBars(IAnsiConsole console)
    {
        _console = console;
        _bars = new LiveBars(console, context =>
        {
            _all = context.AddTask("All runs", maxValue: 1);
            _run = context.AddTask("Starting", maxValue: 1);
        });
    }

    public void Report(ExperimentProgress value)
    {
        string run = $"{value.Run} ({value.Number} of {value.Count})";
        switch (value)
        {
            case ExperimentProgress.Started started:
                _console.WriteLine($"{run}: {(started.Resumes ? "goes on from its checkpoint" : "starts")}");
                Advance(value, done: 0, run);
                break;
            case ExperimentProgress.Training { Step: TrainingProgress.ImagesRead images }:
                Advance(value, done: 0, $"{run}: {images.Count} images decoded");
                break;
            case ExperimentProgress.Training { Step: TrainingProgress.EpochDone epoch }:
                Advance(value, (double)epoch.Metrics.Epoch / epoch.MaximumEpochs, $"{run}: {Describe(epoch)}");
                if (_run is null && epoch.Metrics.Epoch % EpochsPerLine == 0)
                    _console.WriteLine($"{run}: {Describe(epoch)}");
                break;
            case ExperimentProgress.Finished finished:
                End(value, $"{run}: finished in {finished.Duration:hh\\:mm\\:ss}");
                break;
            case ExperimentProgress.Skipped:
                End(value, $"{run}: finished before");
                break;
            case ExperimentProgress.Failed failed:
                End(value, $"{run}: failed. {failed.Message}");
                break;
        }
    }

    public void Dispose() => _bars.Dispose();

    private static string Describe(TrainingProgress.EpochDone epoch) =>
        $"epoch {epoch.Metrics.Epoch}, mean macro F1 {epoch.Metrics.Validation!.MeanMacroF1:F3} (best: epoch {epoch.BestEpoch})";

    private void End(ExperimentProgress progress, string line)
    {
        _console.WriteLine(line);
        Advance(progress, done: 1, line);
    }

    private void Advance(ExperimentProgress progress, double done, string description)
    {
        if (_all is null || _run is null)
            return;
        (_all.MaxValue, _all.Value) = (progress.Count, progress.Number - 1 + done);
        (_run.Value, _run.Description) = (done, Markup.Escape(description.Split(". ")[0]));
    }
}
