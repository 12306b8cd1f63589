using System.Text.Json;
using Derm7pt.MLNet.Tests;

namespace Derm7pt.MLNet.IntegrationTests.Build;

[TestClass]
public sealed class TorchBackendTests
{
    private static readonly Dictionary<string, string> NoEnvironment = [];

    public required TestContext TestContext { get; init; }

    [TestMethod]
    [DataRow(null, "TorchSharp-cpu", DisplayName = "default")]
    [DataRow("cpu", "TorchSharp-cpu")]
    [DataRow("cuda-windows", "TorchSharp-cuda-windows")]
    [DataRow("cuda-linux", "TorchSharp-cuda-linux")]
    public async Task Application_Backend_ReferencesItsNativePackage(string? backend, string expected)
    {
        string[] packages = await TorchPackagesOf("Derm7pt.MLNet.Tests/Derm7pt.MLNet.Tests.csproj", backend);

        CollectionAssert.AreEqual(new[] { expected }, packages);
    }

    [TestMethod]
    [DataRow("cpu")]
    [DataRow("cuda-windows")]
    [DataRow("cuda-linux")]
    public async Task Library_AnyBackend_ReferencesManagedTorchSharpOnly(string backend)
    {
        string[] packages = await TorchPackagesOf("Derm7pt.MLNet/Derm7pt.MLNet.csproj", backend);

        CollectionAssert.AreEqual(new[] { "TorchSharp" }, packages);
    }

    [TestMethod]
    [DataRow("restore")]
    [DataRow("build")]
    public async Task Command_UnknownBackend_NamesTheAcceptedOnes(string command)
    {
        DotNetResult result = await DotNet.RunAsync(
            RepositoryFolder.Path, NoEnvironment, TestContext.CancellationToken,
            command, "Derm7pt.MLNet.Tests/Derm7pt.MLNet.Tests.csproj", "-p:TorchBackend=rocm");

        Assert.AreNotEqual(0, result.ExitCode, result.Output);
        Assert.Contains("error DERM7PT001: TorchBackend must be cpu, cuda-windows or cuda-linux, got 'rocm'.", result.Output);
    }

    private async Task<string[]> TorchPackagesOf(string project, string? backend)
    {
        string[] choice = backend is null ? [] : [$"-p:TorchBackend={backend}"];
        DotNetResult result = await DotNet.RunAsync(
            RepositoryFolder.Path, NoEnvironment, TestContext.CancellationToken,
            ["msbuild", project, "-getItem:PackageReference", .. choice]);
        Assert.AreEqual(0, result.ExitCode, result.Output);

        using JsonDocument json = JsonDocument.Parse(result.Output);
        return json.RootElement.GetProperty("Items").GetProperty("PackageReference").EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!)
            .Where(name => name.Contains("torch", StringComparison.OrdinalIgnoreCase))
            .ToArray();
    }
}
