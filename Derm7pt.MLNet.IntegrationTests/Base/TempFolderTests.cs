using System.Reflection;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.IntegrationTests.Build;
using Derm7pt.MLNet.IntegrationTests.Samples;
using Derm7pt.MLNet.Tests;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.IntegrationTests.Base;

/// <summary>Tests the message if the temporary folder is not writable. A file in its place has this effect for root as well.</summary>
[TestClass]
public sealed class TempFolderTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("derm7pt-temp-");

    public required TestContext TestContext { get; init; }

    private string NoFolder => Path.Combine(_folder.FullName, "file");

    private Dictionary<string, string> WithoutTemporaryFolder => new() { ["TMPDIR"] = NoFolder, ["TMP"] = NoFolder, ["TEMP"] = NoFolder };

    [TestInitialize]
    public void WriteFile() => File.WriteAllText(NoFolder, "");

    [TestCleanup]
    public void Delete() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task ScoreImages_NoTemporaryFolder_BlamesItAndNotTheModel()
    {
        string model = Path.Combine(_folder.FullName, "model.zip");
        TinyRun run = TinyRun.Shared;
        run.Ml.Model.Save(run.Model, run.Release.Train.Schema, model);
        string image = run.Release.Test.GetColumn<string>("ImagePath").First();

        DotNetResult result = await DotNet.RunAsync(
            _folder.FullName, WithoutTemporaryFolder, TestContext.CancellationToken,
            Path.Combine(ScoreImagesProgram.Folder, "ScoreImages.dll"), "--model", model, "--images", image, "--out", Path.Combine(_folder.FullName, "o"));

        Assert.AreEqual(1, result.ExitCode, result.Output);
        Assert.Contains($"temporary folder '{NoFolder}", result.Output);
        Assert.DoesNotContain("is not a model", result.Output);
    }

    [TestMethod]
    public void Blame_FailureInsideOthers_NamesFolderAndReason()
    {
        var full = new TargetInvocationException(new InvalidOperationException("outer", new IOException("No space left on device.")));

        IOException blame = TempFolder.Blame("Saving a model", full);

        Assert.Contains($"Saving a model needs a file in the temporary folder '{Path.GetTempPath()}', which failed: No space left on device.", blame.Message);
        Assert.AreSame(full, blame.InnerException);
    }

    [TestMethod]
    public void IsFileFailure_OfContent_IsFalse()
    {
        Assert.IsTrue(TempFolder.IsFileFailure(new TargetInvocationException(new UnauthorizedAccessException())));
        Assert.IsFalse(TempFolder.IsFileFailure(new TargetInvocationException(new EndOfStreamException())));
        Assert.IsFalse(TempFolder.IsFileFailure(new FormatException()));
    }

    [TestMethod]
    public async Task LoadDerm7pt_NoTemporaryFolder_NeedsNone()
    {
        string model = Path.Combine(_folder.FullName, "model.zip");
        TinyRun.Shared.Ml.Model.Save(TinyRun.Shared.Model, TinyRun.Shared.Release.Train.Schema, model);

        DotNetResult result = await ChildProgram.RunWithoutTorchAsync(
            _folder.FullName, WithoutTemporaryFolder, TestContext.CancellationToken, "explain", model);

        Assert.AreEqual(0, result.ExitCode, result.Output);
    }
}
