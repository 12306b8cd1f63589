using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text.Json;
using Derm7pt.MLNet.IntegrationTests.Build;
using Derm7pt.MLNet.Tests;

namespace Derm7pt.MLNet.IntegrationTests.Interop;

/// <summary>Scores with onnxruntime-node, a client that shares only the core of the runtime with this library.</summary>
internal static class Node
{
    private static readonly string Folder = Path.Combine(RepositoryFolder.Path, "Derm7pt.MLNet.IntegrationTests", "Interop", "node");
    private static readonly Dictionary<string, string> NoEnvironment = [];

    /// <summary>Installs the packages of package-lock.json, unless they are installed.</summary>
    public static async Task InstallAsync(CancellationToken cancellation)
    {
        // npm writes this file last, after all packages are installed.
        var installed = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
            return;
        bool windows = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);
        await RunAsync([windows ? "npm.cmd" : "npm", "ci", "--no-progress"], cancellation);
    }

    /// <summary>Computes the values of every output, in row-major order.</summary>
    public static async Task<Dictionary<string, float[]>> ScoreAsync(
        string model, float[] pixels, int count, int size, CancellationToken cancellation, IReadOnlyDictionary<string, string>? environment = null)
    {
        string folder = Directory.CreateTempSubdirectory("derm7pt-node-").FullName;
        try
        {
            (string input, string output) = (Path.Combine(folder, "pixels.bin"), Path.Combine(folder, "outputs.json"));
            await File.WriteAllBytesAsync(input, MemoryMarshal.AsBytes<float>(pixels).ToArray(), cancellation);
            await RunAsync(["node", "score.mjs", model, input, $"{count}", $"{size}", $"{size}", output], cancellation, environment);
            using JsonDocument json = JsonDocument.Parse(await File.ReadAllTextAsync(output, cancellation));
            return json.RootElement.EnumerateObject().ToDictionary(
                property => property.Name,
                property => property.Value.GetProperty("values").EnumerateArray().Select(value => value.GetSingle()).ToArray());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunAsync(
        string[] command, CancellationToken cancellation, IReadOnlyDictionary<string, string>? environment = null)
    {
        DotNetResult result;
        try
        {
            result = await DotNet.StartAsync(command[0], Folder, environment ?? NoEnvironment, cancellation, command[1..]);
        }
        // Node is required in CI, but a developer may test this project without it.
        catch (Win32Exception e) when (Environment.GetEnvironmentVariable("CI") is null)
        {
            Assert.Inconclusive($"'{command[0]}' does not start, so there is nothing to compare with: {e.Message}");
            throw;
        }

        Assert.AreEqual(0, result.ExitCode, $"{string.Join(' ', command)}\n{result.Output}");
    }
}
