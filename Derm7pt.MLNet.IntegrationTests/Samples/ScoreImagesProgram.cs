using System.Diagnostics;
using System.Reflection;
using Derm7pt.MLNet.Tests;

namespace Derm7pt.MLNet.IntegrationTests.Samples;

/// <summary>Runs samples/ScoreImages in a separate process, as a user would.</summary>
internal static class ScoreImagesProgram
{
    private static readonly string Configuration =
        typeof(ScoreImagesProgram).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    /// <summary>Gets the folder with the program and its dependencies.</summary>
    public static string Folder { get; } = Path.Combine(RepositoryFolder.Path, "samples", "ScoreImages", "bin", Configuration, "net10.0");

    public static Process Start(params string[] arguments) => Start(_ => { }, arguments);

    public static Process Start(Action<ProcessStartInfo> configure, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(Folder, "ScoreImages.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        configure(start);
        return Process.Start(start)!;
    }

    public static async Task<Result> RunAsync(CancellationToken cancellation, params string[] arguments)
    {
        using Process process = Start(arguments);
        return await FinishAsync(process, cancellation);
    }

    public static async Task<Result> FinishAsync(Process process, CancellationToken cancellation)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return new Result(process.ExitCode, await output, await error);
    }

    internal sealed record Result(int ExitCode, string Output, string Error)
    {
        public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
