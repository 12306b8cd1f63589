using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Spectre.Console;

namespace ScoreImages;

/// <summary>Scores all images in parallel and writes the results in the order of the files.</summary>
internal static class ScoringRun
{
    /// <returns>The number of images that could not be read.</returns>
    public static int Execute(ScoringSettings settings, CancellationToken cancellation)
    {
        string[] files = ImageFiles.Find(settings.Images);
        using var model = ImageModel.Load(settings.Model);
        if (settings.Verbose)
            Console.WriteLine($"The model takes the column {model.Input.Name} and gives {string.Join(", ", model.Outputs.Select(column => column.Name))}.");

        var watch = Stopwatch.StartNew();
        List<string> warnings = ScoreAll(model, files, settings.Output, cancellation);
        TimeSpan elapsed = watch.Elapsed;

        foreach (string warning in warnings)
            Console.Error.WriteLine(warning);
        int scored = files.Length - warnings.Count;
        Console.WriteLine(
            $"Scored {scored} of {files.Length} images in {elapsed.TotalSeconds:F1} s ({scored / elapsed.TotalSeconds:F0} images/s): " +
            $"{settings.Output}.csv, {settings.Output}.jsonl");
        if (settings.Verbose)
            Console.WriteLine(LoadedModules.Describe());
        Console.WriteLine("Research software, not a medical device: nothing here is a diagnosis.");
        return warnings.Count;
    }

    private static List<string> ScoreAll(ImageModel model, string[] files, string output, CancellationToken cancellation)
    {
        var warnings = new List<string>();
        using var engines = new EnginePool(model);
        using var results = new ResultFiles(output, model.Outputs);
        AnsiConsole.Progress().Columns(Columns).Start(context =>
        {
            ProgressTask bar = context.AddTask("Scoring", maxValue: files.Length);
            foreach (Outcome outcome in InOrder(files, engines, cancellation))
            {
                if (outcome.Values is null)
                    warnings.Add($"Skipped '{outcome.File}': {outcome.Problem}");
                else
                    results.Write(outcome.File, outcome.Values);
                bar.Increment(1);
            }
        });
        results.Commit();
        return warnings;
    }

    private static IEnumerable<Outcome> InOrder(string[] files, EnginePool engines, CancellationToken cancellation)
    {
        // One file at a time to each thread: they differ in size.
        ParallelQuery<Outcome> outcomes = Partitioner.Create(files, EnumerablePartitionerOptions.NoBuffering)
            .AsParallel().AsOrdered()
            .WithExecutionMode(ParallelExecutionMode.ForceParallelism)
            .WithMergeOptions(ParallelMergeOptions.NotBuffered)
            .WithCancellation(cancellation)
            .Select(file => Score(file, engines));
        using IEnumerator<Outcome> enumerator = outcomes.GetEnumerator();
        while (MoveNext(enumerator))
            yield return enumerator.Current;
    }

    private static bool MoveNext(IEnumerator<Outcome> enumerator)
    {
        try
        {
            return enumerator.MoveNext();
        }
        catch (AggregateException e)
        {
            // "Out of memory" should read as that, not as "One or more errors occurred".
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
            throw;
        }
    }

    private static Outcome Score(string file, EnginePool engines)
    {
        if (!DecodedImage.TryRead(file, out DecodedImage? image, out string? problem))
            return new Outcome(file, null, problem);
        ScoringEngine engine = engines.Rent();
        OutputValue[] values = engine.Score(image);
        engines.Return(engine);
        return new Outcome(file, values, null);
    }

    private static ProgressColumn[] Columns =>
        [new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()];

    private sealed record Outcome(string File, OutputValue[]? Values, string? Problem);
}
