using Derm7pt.MLNet.IntegrationTests.Build;

namespace Derm7pt.MLNet.IntegrationTests.Models;

/// <summary>Tests the library without JSON serialization by reflection, as in a trimmed application.</summary>
[TestClass]
public sealed class WithoutReflectionTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task Process_JsonByReflectionIsOff_WritesAndReadsEveryFile()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("without-reflection");
        try
        {
            DotNetResult result = await ChildProgram.RunWithTorchAsync(
                folder.FullName, new Dictionary<string, string>(), TestContext.CancellationToken, "without-reflection", folder.FullName);

            Assert.AreEqual(0, result.ExitCode, result.Output);
            Assert.Contains("done", result.Output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
