using Derm7pt.MLNet.IntegrationTests.Build;
using Derm7pt.MLNet.IntegrationTests.Interop;
using Derm7pt.MLNet.IntegrationTests.Samples;
using Derm7pt.MLNet.Tests;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.IntegrationTests.Privacy;

/// <summary>Tests that telemetry is off: ONNX Runtime writes an identifier and a database of events to the home directory of a process whose telemetry is on.</summary>
[TestClass]
[TestCategory("Privacy")]
public sealed class TelemetryTests : IDisposable
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    private readonly PrivateHome _home = new();

    public required TestContext TestContext { get; init; }

    public void Dispose() => _home.Dispose();

    [TestMethod]
    public async Task Process_TrainsScoresSavesAndReloads_LeavesHomeEmptyAndIsQuiet()
    {
        DotNetResult result = await ChildProgram.RunWithTorchAsync(
            _home.Work, _home.Environment, TestContext.CancellationToken, "whole-run", Path.Combine(_home.Work, "release"));

        Assert.AreEqual(0, result.ExitCode, result.Output);
        _home.AssertEmpty();
        // Training, report with Grad-CAM, saving, loading, evaluation and occlusion must not print a line from a native library either.
        Assert.AreEqual("done", result.Output.Trim());
    }

    [TestMethod]
    public async Task ScoreImages_Scores_LeavesHomeEmpty()
    {
        string model = Path.Combine(_home.Work, "model.zip"), output = Path.Combine(_home.Work, "scores");
        TinyRun run = TinyRun.Shared;
        run.Ml.Model.Save(run.Model, run.Release.Train.Schema, model);
        string image = run.Release.Test.GetColumn<string>("ImagePath").First();

        DotNetResult result = await DotNet.RunAsync(
            _home.Work, _home.Environment, TestContext.CancellationToken,
            Path.Combine(ScoreImagesProgram.Folder, "ScoreImages.dll"), "--model", model, "--images", image, "--out", output);

        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.Contains("Scored 1 of 1", result.Output);
        _home.AssertEmpty();
    }

    [TestMethod]
    public async Task NodeClient_Scores_LeavesHomeEmpty()
    {
        await Node.InstallAsync(TestContext.CancellationToken);
        string model = Path.Combine(_home.Work, "model.onnx");
        TinyRun.Shared.Model.LastTransformer.SaveAsOnnx(model);

        await Node.ScoreAsync(
            model, new float[3 * TinyRun.ImageSize * TinyRun.ImageSize], 1, TinyRun.ImageSize, TestContext.CancellationToken, _home.Environment);

        _home.AssertEmpty();
    }

    [TestMethod]
    [DataRow("", "1", DisplayName = "not set")]
    [DataRow("0", "0", DisplayName = "allowed by the user")]
    [DataRow("1", "1", DisplayName = "off already")]
    public async Task Library_FirstUse_SetsNativeVariableUnlessTheUserHas(string inEnvironment, string expected)
    {
        _home.Environment[Variable] = inEnvironment;

        DotNetResult result = await ChildProgram.RunWithoutTorchAsync(
            _home.Work, _home.Environment, TestContext.CancellationToken, "variable", Variable);

        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.Contains($"{Variable}={expected}", result.Output);
    }
}
