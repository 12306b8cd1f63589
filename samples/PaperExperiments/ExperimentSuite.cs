using System.Diagnostics;
using Derm7pt.MLNet;
using Samples.Shared;

namespace PaperExperiments;

/// <summary>Runs all experiments that are not finished yet, one after the other.</summary>
internal sealed class ExperimentSuite(SuiteSettings settings, IProgress<ExperimentProgress> progress)
{
    /// <summary>Runs them. The comparison on disk is renewed after every run, so that an interruption leaves one.</summary>
    /// <exception cref="OperationCanceledException">The run that was cancelled has left its checkpoint.</exception>
    public SuiteOutcome Run(CancellationToken cancellation)
    {
        ReleaseIdentity release = ReleaseIdentity.Of(settings.ReleaseFolder);
        Directory.CreateDirectory(settings.OutputFolder);

        var runner = new Runner(settings, release);
        var failures = new List<RunFailure>();
        IReadOnlyList<ExperimentRun> runs = settings.Runs;
        for (int i = 0; i < runs.Count; i++)
        {
            ExperimentRun run = runs[i];
            (int number, int count) = (i + 1, runs.Count);
            try
            {
                Run(run, number, count, runner, release, cancellation);
                Summarize(release);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Any exception is caught, since the results of other runs must not be lost.
                failures.Add(new RunFailure(run, e));
                progress.Report(new ExperimentProgress.Failed(run, number, count, e.Message));
            }
        }

        return new SuiteOutcome(Summarize(release), failures);
    }

    private void Run(ExperimentRun run, int number, int count, Runner runner, ReleaseIdentity release, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        RunFolder folder = run.Folder(settings.OutputFolder);
        if (RunManifest.FindSettings(folder) is { } finished)
        {
            string[] differences = [.. Collector.Differences(finished, run.Describe(settings.Experiment, release))];
            if (differences.Length > 0)
            {
                throw new InvalidOperationException(
                    $"'{folder.FullName}' holds a finished run with other settings. {string.Join("; ", differences)}. " +
                    "Choose another --out, or delete the folder to run it again.");
            }

            progress.Report(new ExperimentProgress.Skipped(run, number, count));
            return;
        }

        var watch = Stopwatch.StartNew();
        progress.Report(new ExperimentProgress.Started(run, number, count, File.Exists(folder.Checkpoint)));
        var training = new Callback<TrainingProgress>(
            step => progress.Report(new ExperimentProgress.Training(run, number, count, step)));
        runner.Execute(run, training, cancellation);
        progress.Report(new ExperimentProgress.Finished(run, number, count, watch.Elapsed));
    }

    private Comparison? Summarize(ReleaseIdentity release)
    {
        Comparison? comparison = Collector.Collect(settings.OutputFolder, settings.Experiment, release);
        if (comparison is not null)
            SummaryFiles.Write(settings.OutputFolder, comparison);
        return comparison;
    }
}

/// <summary>A run that failed.</summary>
internal sealed record RunFailure(ExperimentRun Run, Exception Cause);

/// <summary>The outcome of all runs.</summary>
/// <param name="Comparison">The finished ones; null where there are none.</param>
/// <param name="Failures">The failed runs.</param>
internal sealed record SuiteOutcome(Comparison? Comparison, IReadOnlyList<RunFailure> Failures);
