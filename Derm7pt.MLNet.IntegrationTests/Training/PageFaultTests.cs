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
        // The pixels of a batch alone are 9.4 MB, and so is what the first block keeps of them.
        const long AllowedBytes = 4 << 20;

        DotNetResult result = await ChildProgram.RunWithTorchAsync(
            _folder.FullName, new Dictionary<string, string>(), TestContext.CancellationToken, "page-faults", Path.Combine(_folder.FullName, "release"));

        Assert.AreEqual(0, result.ExitCode, result.Output);
        long faults = long.Parse(Faults().Match(result.Output).Groups["count"].ValueSpan, CultureInfo.InvariantCulture);
        TestContext.WriteLine(Invariant($"{faults} page faults per step"));
        Assert.IsLessThan(AllowedBytes / Environment.SystemPageSize, faults);
    }

    [GeneratedRegex(@"faults=(?<count>\d+)")]
    private static partial Regex Faults();
}
