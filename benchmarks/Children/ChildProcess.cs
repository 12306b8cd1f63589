using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Derm7pt.MLNet.Benchmarks.Children;

/// <summary>Runs this program again, for one task.</summary>
internal static class ChildProcess
{
    private const string Name = "child";

    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };

    /// <exception cref="InvalidOperationException">The process failed; the message is what it wrote.</exception>
    public static ChildResult Run(ChildTask task)
    {
        // The program's own executable is used if it exists, since this code may run inside another process.
        string program = Path.ChangeExtension(typeof(ChildProcess).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null);
        var start = new ProcessStartInfo(program, [Name, JsonSerializer.Serialize(task, Json)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<ChildResult>(output, Json)!
            : throw new InvalidOperationException($"A process for {task} failed: {output}{errors.Result}");
    }

    /// <summary>Runs the task of the first argument in the child process, and writes the result.</summary>
    public static Command Command()
    {
        var task = new Argument<string>("task");
        var command = new Command(Name, "For the program itself.") { Hidden = true };
        command.Arguments.Add(task);
        command.SetAction(parsed =>
        {
            ChildResult result = ChildTasks.Do(JsonSerializer.Deserialize<ChildTask>(parsed.GetValue(task)!, Json)!);
            Console.WriteLine(JsonSerializer.Serialize(result, Json));
        });
        return command;
    }
}
