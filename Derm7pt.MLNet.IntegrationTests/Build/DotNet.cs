using System.Diagnostics;
using System.Text;

namespace Derm7pt.MLNet.IntegrationTests.Build;

/// <summary>Runs commands as a user would.</summary>
internal static class DotNet
{
    /// <summary>Runs <c>dotnet</c> and waits for it.</summary>
    public static Task<DotNetResult> RunAsync(
        string workingDirectory, IReadOnlyDictionary<string, string> environment, CancellationToken cancellation,
        params string[] arguments) =>
        StartAsync("dotnet", workingDirectory, environment, cancellation, arguments);

    /// <summary>
    /// Runs a program in the environment of a user, regardless of the test runner. An empty value removes a variable.
    /// </summary>
    public static async Task<DotNetResult> StartAsync(
        string program, string workingDirectory, IReadOnlyDictionary<string, string> environment, CancellationToken cancellation,
        params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        // `dotnet test` sets these for its own MSBuild and runner; another SDK process must not inherit them.
        foreach (string name in start.Environment.Keys.Where(IsOfTheRunner).ToArray())
            start.Environment.Remove(name);
        // A build node that outlives the command would keep the output pipe open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        foreach ((string name, string value) in environment)
        {
            if (value.Length > 0)
                start.Environment[name] = value;
            else
                start.Environment.Remove(name);
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = new StringBuilder();
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(output, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return new DotNetResult(process.ExitCode, output.ToString());
    }

    private static bool IsOfTheRunner(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("TESTINGPLATFORM", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("DOTNET_CLI_TEST", StringComparison.OrdinalIgnoreCase);

    private static void Append(StringBuilder output, string? line)
    {
        if (line is null)
            return;
        lock (output)
            output.AppendLine(line);
    }
}

/// <summary>The result of a command.</summary>
internal sealed record DotNetResult(int ExitCode, string Output);
