using System.Globalization;
using System.Text.RegularExpressions;
using Derm7pt.MLNet.IntegrationTests.Build;

namespace Derm7pt.MLNet.IntegrationTests.Training;

/// <summary>What the operating system has to do for a training step.</summary>
[TestClass]
public sealed partial class PageFaultTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("derm7pt-faults-");

    public required TestContext TestContext { get; set; }

    [TestCleanup]
    public void Delete() => _folder.Delete(recursive: true);

    // Memory that is returned to the system at the end of a step is provided again page by page, zeroed, in the next one.
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public async Task Fit_LaterSteps_TakeLittleNewMemoryFromTheSystem()
    {
        // A step computes some 30 MB of large tensors, of which the kept memory leaves 5 MB to the C library.
        const long AllowedBytes = 10 << 20;
        // The C library keeps small memory by itself. From this size on it now returns memory to the system, as it does from 32 MB on otherwise.
        var environment = new Dictionary<string, string> { ["MALLOC_MMAP_THRESHOLD_"] = Invariant($"{1 << 20}") };

        DotNetResult result = await ChildProgram.RunWithTorchAsync(
            _folder.FullName, environment, TestContext.CancellationToken, "page-faults", Path.Combine(_folder.FullName, "release"));

        Assert.AreEqual(0, result.ExitCode, result.Output);
        long faults = long.Parse(Faults().Match(result.Output).Groups["count"].ValueSpan, CultureInfo.InvariantCulture);
        TestContext.WriteLine(Invariant($"{faults} page faults per step"));
        Assert.IsLessThan(AllowedBytes / Environment.SystemPageSize, faults);
    }

    [GeneratedRegex(@"faults=(?<count>\d+)")]
    private static partial Regex Faults();
}
