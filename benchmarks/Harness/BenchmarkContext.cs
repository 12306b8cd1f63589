using Derm7pt.MLNet.Synthetic;
using Derm7pt.MLNet.Training;
using Microsoft.ML;
using Spectre.Console;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Benchmarks.Harness;

/// <summary>The objects that the sections share: settings, results, progress and the synthetic release.</summary>
internal sealed class BenchmarkContext : IDisposable
{
    private readonly IAnsiConsole _console;
    private readonly CancellationToken _cancellation;
    private readonly Lazy<string> _release;
    private Section? _section;

    /// <param name="console">Receives the progress, one line per round.</param>
    /// <param name="settings">How much to measure.</param>
    /// <param name="output">Where plots go.</param>
    /// <param name="cancellation">Ends the run between two rounds.</param>
    /// <exception cref="InvalidOperationException">The device is not available.</exception>
    public BenchmarkContext(IAnsiConsole console, BenchmarkSettings settings, DirectoryInfo output, CancellationToken cancellation)
    {
        (_console, Settings, Output, _cancellation) = (console, settings, output, cancellation);
        Device = Devices.Resolve(settings.Device);
        Results = new Results { Machine = MachineInfo.Measure(settings.MatrixExtent), Settings = settings };
        _release = new Lazy<string>(DrawRelease);
    }

    public BenchmarkSettings Settings { get; }

    public DirectoryInfo Output { get; }

    public Device Device { get; }

    public bool IsCpu => Settings.Device == ComputeDevice.Cpu;

    public Results Results { get; }

    public MLContext Ml { get; } = new(seed: 1);

    /// <summary>The training split of a synthetic release, drawn on first use.</summary>
    public IDataView ReleaseCases => Ml.Data.LoadDerm7pt(_release.Value).Train;

    public void Begin(Section section)
    {
        _cancellation.ThrowIfCancellationRequested();
        _section = section;
        _console.MarkupLineInterpolated($"\n[bold]{section.Id}[/]: {section.Title}");
    }

    /// <summary>Measures library and baseline alternately, A B A B …</summary>
    /// <param name="ours">Measures what the library does; gives seconds, or another unit.</param>
    /// <param name="baseline">Measures what it is compared with.</param>
    /// <param name="rounds">How often; as often as the settings say where null.</param>
    /// <param name="warmUps">Rounds before that are dropped.</param>
    public PairedValues Compare(Func<double> ours, Func<double> baseline, int? rounds = null, int warmUps = 1)
    {
        int count = rounds ?? Settings.Rounds;
        var values = new PairedValues(count);
        for (int round = 1 - warmUps; round <= count; round++)
        {
            (double a, double b) = (Undisturbed(ours), Undisturbed(baseline));
            if (round <= 0)
                continue;
            values.Add(a, b);
            Tell($"round {round} of {count}: {a:G3} and {b:G3}");
        }

        return values;
    }

    /// <summary>A target where it holds: at the sizes and on the kind of machine that it was set for.</summary>
    public Target? Goal(Target? target) => Settings.HasTargets && IsCpu ? target : null;

    /// <summary>Adds a row to the table.</summary>
    public void Add(Row row) => Results.Rows.Add(row with { Section = _section!.Id });

    /// <summary>Records that a measurement is not possible here.</summary>
    public void Skip(string reason)
    {
        Results.NotMeasured.Add(new Remark(_section!.Id, reason));
        _console.MarkupLineInterpolated($"  [yellow]not measured: {reason}[/]");
    }

    /// <summary>Records an unexpected failure.</summary>
    public void Fail(string reason)
    {
        Results.Failures.Add(new Remark(_section!.Id, reason));
        _console.MarkupLineInterpolated($"  [red]failed: {reason}[/]");
    }

    public void Tell(string progress) => _console.MarkupLineInterpolated($"  [grey]{progress}[/]");

    public void Dispose()
    {
        if (_release.IsValueCreated)
            Directory.Delete(Path.GetDirectoryName(_release.Value)!, recursive: true);
    }

    // The garbage of one side must not be collected in the time of the other.
    private double Undisturbed(Func<double> measure)
    {
        _cancellation.ThrowIfCancellationRequested();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return measure();
    }

    private string DrawRelease()
    {
        Tell($"drawing a synthetic release of {Settings.ReleaseCases} cases");
        string folder = Path.Combine(Directory.CreateTempSubdirectory("derm7pt-benchmarks-").FullName, "release_v0");
        SyntheticRelease.Write(folder, new SyntheticReleaseOptions { Cases = Settings.ReleaseCases }, ct: _cancellation);
        return folder;
    }
}
