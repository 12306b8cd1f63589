using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Derm7pt.MLNet.Benchmarks.Python;

/// <summary>The literal network in PyTorch, in a process that measures on request.</summary>
internal sealed class PyTorchProcess : IDisposable
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "pytorch", "literal_network.py");

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly Process _process;
    private readonly Task<string> _errors;

    /// <param name="python">The Python to run.</param>
    /// <param name="arguments">Those of the script.</param>
    /// <exception cref="InvalidOperationException">The script ended at once; the message is what it wrote.</exception>
    public PyTorchProcess(string python, IEnumerable<string> arguments)
    {
        _process = Start(python, [Script, "--serve", .. arguments]);
        _errors = _process.StandardError.ReadToEndAsync();
        About = JsonSerializer.Deserialize<PyTorchInfo>(ReadLine(), Json)!;
    }

    public PyTorchInfo About { get; }

    /// <summary>Runs a training step and returns the seconds.</summary>
    public double Step() => Measure("step");

    /// <summary>Scores the mini-batch and returns the seconds.</summary>
    public double Score() => Measure("score");

    /// <summary>Finds the first Python that can import torch; null if there is none.</summary>
    public static string? Find(IEnumerable<string> candidates) => candidates.FirstOrDefault(CanImportTorch);

    public void Dispose()
    {
        // The process exits at the end of its input.
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static bool CanImportTorch(string python)
    {
        try
        {
            using Process process = Start(python, ["-c", "import torch"]);
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static Process Start(string python, IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo(python, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private double Measure(string what)
    {
        _process.StandardInput.WriteLine(what);
        return double.Parse(ReadLine(), CultureInfo.InvariantCulture);
    }

    private string ReadLine() => _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"PyTorch: {_errors.Result.Trim()}");
}

/// <summary>The information that the script reports.</summary>
/// <param name="Torch">Its version.</param>
/// <param name="Threads">How many it uses on the processor.</param>
/// <param name="Device">Where it computes.</param>
/// <param name="LargestDifference">From what the library computed.</param>
internal sealed record PyTorchInfo(string Torch, int Threads, string Device, double LargestDifference);
