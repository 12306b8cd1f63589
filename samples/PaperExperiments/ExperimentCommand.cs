using System.CommandLine;
using Derm7pt.MLNet;
using Derm7pt.MLNet.Synthetic;
using Microsoft.ML;
using Samples.Shared;
using Spectre.Console;

namespace PaperExperiments;

/// <summary>The command line: options in, exit code out.</summary>
internal static class ExperimentCommand
{
    private const int Done = 0, Broken = 1, Cancelled = 130;

    /// <param name="console">The console for output.</param>
    /// <param name="observer">Also receives the progress; null for none.</param>
    public static RootCommand Create(IAnsiConsole console, IProgress<ExperimentProgress>? observer = null)
    {
        var data = new Option<DirectoryInfo?>("--data")
        {
            Description = "A Derm7pt release (the folder release_v0). May be left out with --fast.",
        };
        var output = new Option<DirectoryInfo>("--out")
        {
            Description = "Where results go: <out>/<preset>/seed-<n> and <out>/summary.*",
            DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("runs", "paper")),
        };
        var seeds = new Option<int?>("--seeds")
        {
            Description = "Runs of each experiment, with seeds 1, 2, …; 3 by default, 1 with --fast.",
        };
        var only = new Option<string[]>("--only")
        {
            Description = "Only these experiments.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. Presets.All.Select(preset => preset.Name)],
        };
        only.AcceptOnlyFromAmong([.. Presets.All.Select(preset => preset.Name)]);
        var fast = new Option<bool>("--fast")
        {
            Description = "Some minutes instead of days: smaller images, few epochs, and a synthetic release where none is given.",
        };
        var earlyStopping = new Option<EarlyStoppingMetric?>("--early-stopping")
        {
            Description = "What training is stopped by and the best epoch is chosen by; the paper takes ValidationLoss.",
        };
        var device = new Option<ComputeDevice>("--device")
        {
            Description = "Where to train.",
            DefaultValueFactory = _ => ComputeDevice.Auto,
        };
        // For trying things out: what they give is no experiment of the paper.
        var epochs = new Option<int?>("--epochs") { Hidden = true };
        var imageSize = new Option<int?>("--image-size") { Hidden = true };
        var samples = new Option<int?>("--samples-per-label") { Hidden = true };
        var cases = new Option<int>("--cases") { Hidden = true, DefaultValueFactory = _ => new SyntheticReleaseOptions().Cases };

        var command = new RootCommand(
            $"Runs the five experiments of the paper and compares them. {Notice.Text}\n\n" +
            "Exit codes: 0 all runs are finished, 1 some are broken, 130 cancelled; the same command goes on.")
        {
            data, output, seeds, only, fast, earlyStopping, device, epochs, imageSize, samples, cases,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(data) is null && !result.GetValue(fast))
                result.AddError("Give a release with --data, or --fast to try things on a synthetic one.");
            foreach (Option<int?> option in (Option<int?>[])[seeds, epochs, imageSize, samples])
            {
                if (result.GetValue(option) is <= 0)
                    result.AddError($"{option.Name} must be positive.");
            }
        });
        command.SetAction((parsed, cancellation) =>
        {
            bool isFast = parsed.GetValue(fast);
            ExperimentSettings experiment = isFast ? ExperimentSettings.Fast : ExperimentSettings.Paper;
            experiment = experiment with
            {
                ImageSize = parsed.GetValue(imageSize) ?? experiment.ImageSize,
                SamplesPerLabel = parsed.GetValue(samples) ?? experiment.SamplesPerLabel,
                Training = new TrainingOptions(experiment.Training)
                {
                    MaximumEpochs = parsed.GetValue(epochs) ?? experiment.Training.MaximumEpochs,
                    EarlyStoppingMetric = parsed.GetValue(earlyStopping) ?? experiment.Training.EarlyStoppingMetric,
                },
            };
            string[] names = parsed.GetValue(only)!;
            SuiteSettings Settings(string release) => new(
                release,
                parsed.GetValue(output)!.FullName,
                [.. Presets.All.Where(preset => names.Contains(preset.Name))],
                parsed.GetValue(seeds) ?? (isFast ? 1 : 3),
                experiment,
                parsed.GetValue(device))
            {
                IsSynthetic = parsed.GetValue(data) is null,
            };

            // The work runs on a separate thread, since Ctrl-C is handled only after the action has returned its task.
            return Task.Run(() => Run(console, observer, CreateSettings, cancellation), CancellationToken.None);

            SuiteSettings CreateSettings() => Settings(parsed.GetValue(data)?.FullName
                ?? Draw(console, parsed.GetValue(output)!, parsed.GetValue(cases), cancellation));
        });
        return command;
    }

    // Pictures of a quarter of the usual size are still larger than what the networks take.
    private static string Draw(IAnsiConsole console, DirectoryInfo output, int cases, CancellationToken cancellation) =>
        SyntheticReleaseFolder.Ensure(
            console, output, new SyntheticReleaseOptions { Cases = cases, Width = 384, Height = 256 }, cancellation);

    private static int Run(
        IAnsiConsole console, IProgress<ExperimentProgress>? observer, Func<SuiteSettings> createSettings,
        CancellationToken cancellation)
    {
        console.WriteLine(Notice.Text);
        try
        {
            SuiteSettings settings = createSettings();
            // Read once before the runs, so that a wrong folder and warnings are shown once and not for every run.
            ReleaseWarnings.Write(console, new MLContext().Data.LoadDerm7pt(settings.ReleaseFolder));
            SuiteOutcome outcome;
            using (var bars = new ExperimentBars(console))
            {
                outcome = new ExperimentSuite(settings, new Callback<ExperimentProgress>(step =>
                {
                    bars.Report(step);
                    observer?.Report(step);
                })).Run(cancellation);
            }

            if (outcome.Comparison is { } comparison)
            {
                SummaryDisplay.Show(console, comparison);
                console.WriteLine($"Written to {SummaryFiles.Markdown(settings.OutputFolder)}, .csv and .json");
            }

            foreach (RunFailure failure in outcome.Failures)
                console.WriteLine($"Broken: {failure.Run}. {failure.Cause.Message}");
            console.WriteLine(Notice.Text);
            return outcome.Failures.Count == 0 ? Done : Broken;
        }
        catch (OperationCanceledException e)
        {
            console.WriteLine(e.Message);
            console.WriteLine("Run the same command again to go on; finished runs are kept.");
            return Cancelled;
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException or InvalidDataException
            or ArgumentException)
        {
            // Errors that the user can correct are shown as one message, without a stack trace.
            console.WriteLine(e.Message);
            return Broken;
        }
    }
}
