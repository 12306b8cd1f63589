using System.Text.RegularExpressions;
using Derm7pt.MLNet.IntegrationTests.Build;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tests;

namespace Derm7pt.MLNet.IntegrationTests.Networks;

[TestClass]
public sealed partial class TorchLibraryTests
{
    private static readonly Dictionary<string, string> NoEnvironment = [];
    private static readonly string NativeFolder = AppContext.BaseDirectory;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("derm7pt-torch-");

    public required TestContext TestContext { get; init; }

    [TestCleanup]
    public void Delete() => _folder.Delete(recursive: true);

    [TestMethod]
    [DataRow("fit")]
    [DataRow("grad-cam")]
    public async Task FirstUse_WithoutNativePackage_NamesPackageAndVersionInOneSentence(string command)
    {
        DotNetResult result = await RunAsync(command, NoEnvironment);

        Assert.AreNotEqual(0, result.ExitCode);
        const string Packages = "the package TorchSharp-cpu, or TorchSharp-cuda-windows or TorchSharp-cuda-linux for a GPU, version ";
        // The system may have a libtorch of another version in its library folders, which the loader then finds.
        string lacking =
            $"Training and Grad-CAM need the native libtorch, which this application lacks: add {Packages}{VersionOfTheBuild}, to the application's project.";
        string other = $"reference {Packages}{VersionOfTheBuild}, and no other version of it.";
        Assert.Contains("System.InvalidOperationException: ", result.Output);
        Assert.IsTrue(result.Output.Contains(lacking) || result.Output.Contains(other), result.Output);
        // The inner exception is TorchSharp's report.
        Assert.DoesNotContain("LoadNativeBackend", result.Output);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public async Task FirstUse_NativeLibraryOfAnotherVersion_NamesTheRightOne()
    {
        // A libtorch that lacks the symbols which this version of TorchSharp needs: any other library under its names.
        foreach (string name in new[] { "libtorch.so", "libtorch_cpu.so", "libc10.so" })
            File.CreateSymbolicLink(Path.Combine(_folder.FullName, name), Path.Combine(NativeFolder, "libSkiaSharp.so"));
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "libLibTorchSharp.so"), Path.Combine(NativeFolder, "libLibTorchSharp.so"));

        DotNetResult result = await RunAsync("fit", new() { ["LD_LIBRARY_PATH"] = _folder.FullName });

        Assert.AreNotEqual(0, result.ExitCode);
        Assert.Contains($"cannot be used by TorchSharp {VersionOfTheBuild}", result.Output);
        Assert.DoesNotContain("LoadNativeBackend", result.Output);
    }

    [TestMethod]
    [DataRow("/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)", true, "Derm7ptWeakSymbolVersion")]
    [DataRow("/lib/libc.so.6: version `GLIBC_2.38' not found (required by /app/libtorch_cpu.so)", false, "newer system")]
    [DataRow("/app/libLibTorchSharp.so: undefined symbol: x", true, "and no other version of it")]
    public void Describe_LoaderReport_QuotesItsReasonAndSaysWhatToDo(string reason, bool torchIsThere, string expected)
    {
        var failure = new DllNotFoundException(
            $"Unable to load shared library 'LibTorchSharp' or one of its dependencies. Consider strace:\n/a/x.so: cannot open shared object file: No such file or directory\n{reason}\n/b/x.so: cannot open shared object file: No such file or directory\n");

        string message = TorchLibrary.Describe(torchIsThere, TorchLibrary.ReasonOf(failure));

        Assert.Contains(reason, message);
        Assert.Contains(expected, message);
        Assert.DoesNotContain("\n", message);
    }

    [TestMethod]
    public void ReasonOf_OnlyMissingFiles_IsNull()
    {
        var failure = new DllNotFoundException("Unable to load …\n/a/x.so: cannot open shared object file: No such file or directory\n");

        Assert.IsNull(TorchLibrary.ReasonOf(failure));
        Assert.IsNull(TorchLibrary.ReasonOf(null));
    }

    [TestMethod]
    public void Version_OfManagedHalf_IsThatOfBuildAndReadme()
    {
        Assert.AreEqual(VersionOfTheBuild, TorchLibrary.Version);
        string readme = File.ReadAllText(Path.Combine(RepositoryFolder.Path, "README.md"));
        Assert.Contains($"`TorchSharp-cuda-linux`, version {VersionOfTheBuild}.", readme);
    }

    private static string VersionOfTheBuild => TorchSharpVersion().Match(
        File.ReadAllText(Path.Combine(RepositoryFolder.Path, "Directory.Packages.props"))).Groups[1].Value;

    private async Task<DotNetResult> RunAsync(string command, Dictionary<string, string> environment)
    {
        string argument = Path.Combine(_folder.FullName, "argument");
        if (command == "grad-cam")
            TinyRun.Shared.Model.LastTransformer.SaveAsOnnx(argument);
        return await ChildProgram.RunWithoutTorchAsync(_folder.FullName, environment, TestContext.CancellationToken, command, argument);
    }

    [GeneratedRegex("<TorchSharpVersion>(.*?)</TorchSharpVersion>")]
    private static partial Regex TorchSharpVersion();
}
