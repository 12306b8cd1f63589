using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Spectre.Console;

namespace ScoreImages;

/// <summary>Scores all images in parallel and writes the results in the order of the files.</summary>
internal static class ScoringRun
{
    /// <returns>The number of images, folders and links that could not be read.</returns>
    public static int Execute(ScoringSettings settings, CancellationToken cancellation)
    {
        FoundFiles found = ImageFiles.Find(settings.Images, cancellation);
        using var model = ImageModel.Load(settings.Model);
        if (settings.Verbose)
            Console.WriteLine($"The model takes the column {model.Input.Name} and gives {string.Join(", ", model.Outputs.Select(column => column.Name))}.");

        var watch = Stopwatch.StartNew();
        var warnings = new List<string>();
        List<SkippedPath> skipped = ScoreAll(model, found.Images, settings.Output, warnings, cancellation);
        TimeSpan elapsed = watch.Elapsed;

        foreach (SkippedPath path in found.Unreadable.Concat(skipped))
            Console.Error.WriteLine($"Skipped '{path.Path}': {path.Problem}");
        warnings.ForEach(Console.Error.WriteLine);
        (int scored, int all) = (found.Images.Count - skipped.Count, found.Images.Count);
        Console.WriteLine(
            $"Scored {scored} of {all} images in {elapsed.TotalSeconds:F1} s ({scored / elapsed.TotalSeconds:F0} images/s): " +
            $"{settings.Output}.csv, {settings.Output}.jsonl");
        if (found.PassedOver.Length > 0)
            Console.WriteLine(found.PassedOver);
        if (settings.Verbose)
        {
            foreach (string other in found.Others)
                Console.WriteLine($"No image: '{other}'");
            Console.WriteLine(LoadedModules.Describe());
        }

        Console.WriteLine("Research software, not a medical device: nothing here is a diagnosis.");
        return found.Unreadable.Count + skipped.Count;
    }

    private static List<SkippedPath> ScoreAll(
        ImageModel model, IReadOnlyList<ImageFile> files, string output, List<string> warnings, CancellationToken cancellation)
    {
        var skipped = new List<SkippedPath>();
        using var scorer = new FileScorer(model);
        using var results = new ResultFiles(output, model.Outputs);
        AnsiConsole.Progress().Columns(Columns).Start(context =>
        {
            ProgressTask bar = context.AddTask("Scoring", maxValue: files.Count);
            foreach (FileOutcome outcome in InOrder(files, scorer, cancellation))
            {
                if (outcome.Values is null)
                    skipped.Add(new(outcome.File, outcome.Problem!));
                else
                    results.Write(outcome.File, outcome.Values);
                if (outcome.Warning is not null)
                    warnings.Add($"Warning: '{outcome.File}': {outcome.Warning}");
                bar.Increment(1);
            }
        });
        results.Commit();
        return skipped;
    }

    private static IEnumerable<FileOutcome> InOrder(IReadOnlyList<ImageFile> files, FileScorer scorer, CancellationToken cancellation)
    {
        // Each thread receives one file at a time, since files differ in size.
        ParallelQuery<FileOutcome> outcomes = Partitioner.Create(files, EnumerablePartitionerOptions.NoBuffering)
            .AsParallel().AsOrdered()
            .WithExecutionMode(ParallelExecutionMode.ForceParallelism)
            .WithMergeOptions(ParallelMergeOptions.NotBuffered)
            .WithCancellation(cancellation)
            .Select(scorer.Score);
        using IEnumerator<FileOutcome> enumerator = outcomes.GetEnumerator();
        while (MoveNext(enumerator))
            yield return enumerator.Current;
    }

    private static bool MoveNext(IEnumerator<FileOutcome> enumerator)
    {
        try
        {
            return enumerator.MoveNext();
        }
        catch (AggregateException e)
        {
            // The message should be "Out of memory", not "One or more errors occurred".
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
            throw;
        }
    }

    private static ProgressColumn[] Columns =>
        [new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()];
}
