using System.CommandLine;
using Derm7pt.MLNet.Benchmarks.Children;
using Derm7pt.MLNet.Benchmarks.Harness;
using Spectre.Console;

namespace Derm7pt.MLNet.Benchmarks;

/// <summary>The command line: options in, exit code out.</summary>
internal static class BenchmarkCommand
{
    private const int Done = 0, Broken = 1, Cancelled = 130;

    public static RootCommand Create(IAnsiConsole console)
    {
        var only = new Option<string[]>("--only")
        {
            Description = $"Only these sections, separated by commas: {string.Join(", ", Sections.All.Select(section => section.Id))}.",
            CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries))],
            DefaultValueFactory = _ => [.. Sections.All.Select(section => section.Id)],
            AllowMultipleArgumentsPerToken = true,
        };
        only.Validators.Add(result =>
        {
            foreach (string id in result.GetValue(only)!.Except(Sections.All.Select(section => section.Id)))
                result.AddError($"There is no section '{id}'.");
        });
        var rounds = new Option<int?>("--rounds") { Description = "Measured rounds of each comparison, after one that is dropped." };
        rounds.Validators.Add(result =>
        {
            if (result.GetValue(rounds) is <= 0)
                result.AddError("--rounds must be positive.");
        });
        var device = new Option<ComputeDevice>("--device")
        {
            Description = "Where to train. On Cuda the application needs another TorchBackend, see the README.",
            DefaultValueFactory = _ => ComputeDevice.Cpu,
        };
        device.AcceptOnlyFromAmong("cpu", "cuda", nameof(ComputeDevice.Cpu), nameof(ComputeDevice.Cuda));
        var output = new Option<DirectoryInfo>("--out")
        {
            Description = "Where the JSON and the plots go.",
            DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("benchmarks", "results")),
        };
        var quick = new Option<bool>("--quick") { Description = "Tiny sizes, to see that everything runs. The figures mean nothing." };
        var python = new Option<string?>("--python") { Description = "A Python that can import torch, to measure PyTorch too." };

        var command = new RootCommand(
            "Measures the library beside plain baselines. Each round times both, one after the other; ratios are medians over rounds.\n\n" +
            "Exit codes: 0 everything was measured, 1 something broke or computed something else than its baseline, 130 cancelled.")
        {
            only, rounds, device, output, quick, python,
        };
        command.Subcommands.Add(ChildProcess.Command());
        command.SetAction((parsed, cancellation) =>
        {
            BenchmarkSettings settings = parsed.GetValue(quick) ? BenchmarkSettings.Quick : BenchmarkSettings.Full;
            settings = settings with
            {
                Rounds = parsed.GetValue(rounds) ?? settings.Rounds,
                Device = parsed.GetValue(device),
                Python = parsed.GetValue(python),
            };
            // The work runs on a separate thread, since Ctrl-C is handled only after the action has returned its task.
            return Task.Run(
                () => Run(console, parsed.GetValue(only)!, settings, parsed.GetValue(output)!, cancellation), CancellationToken.None);
        });
        return command;
    }

    private static int Run(
        IAnsiConsole console, string[] only, BenchmarkSettings settings, DirectoryInfo output, CancellationToken cancellation)
    {
        try
        {
            using var context = new BenchmarkContext(console, settings, output, cancellation);
            foreach (Section section in Sections.All.Where(section => only.Contains(section.Id)))
                section.Run(context);
            ResultTables.Write(console, context.Results);
            console.MarkupLineInterpolated($"\nAll figures: [bold]{ResultFile.Write(output, context.Results)}[/]");
            return context.Results.Failures.Count == 0 ? Done : Broken;
        }
        catch (OperationCanceledException)
        {
            console.MarkupLine("[yellow]Cancelled; nothing was written.[/]");
            return Cancelled;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // Errors that the user can correct are shown as one message, without a stack trace.
            console.WriteLine(e.Message);
            return Broken;
        }
    }
}
