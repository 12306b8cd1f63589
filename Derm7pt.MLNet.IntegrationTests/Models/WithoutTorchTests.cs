using System.Globalization;
using Derm7pt.MLNet.IntegrationTests.Build;
using Derm7pt.MLNet.Tests;
using Derm7pt.MLNet.Tests.Networks.Encoders;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.IntegrationTests.Models;

/// <summary>A saved model on a feature extractor scores in a process that has no libtorch.</summary>
[TestClass]
public sealed class WithoutTorchTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("derm7pt-without-torch-");

    public required TestContext TestContext { get; init; }

    [TestCleanup]
    public void Delete() => _folder.Delete(recursive: true);

    [TestMethod]
    [DataRow("features", null)]
    [DataRow("probabilities", 0)]
    public async Task Process_SavedModelOnAnExtractor_ScoresAsTheLiveOne(string output, int? trainedStages)
    {
        TinyRun run = TinyRun.Shared;
        string extractor = ExtractorFile.Everything().Save(_folder.FullName), file = Path.Combine(_folder.FullName, "model.zip");
        var options = new Derm7ptMultiTaskEstimator.Options(run.Options)
        {
            Network = new NetworkOptions
            {
                Encoder = new EncoderOptions { File = extractor, Output = output, TrainedStages = trainedStages },
                FiltersPerBlock = [4],
                BorderPixels = 2,
                InputSize = 48,
                ImageRegion = ImageRegion.CentralSquare,
            },
        };
        TransformerChain<Derm7ptMultiTaskTransformer> model = run.Pipeline(options).Fit(run.Release.Train);
        run.Ml.Model.Save(model, run.Release.Train.Schema, file);
        string[] images = [.. run.Release.Test.GetColumn<string>("ImagePath").Take(6)];
        float[][] expected = [.. model.Transform(run.Release.Test).GetColumn<float[]>("DiagnosisScore").Take(6)];
        model.LastTransformer.Dispose();
        // The model contains the extractor.
        File.Delete(extractor);

        DotNetResult result = await ChildProgram.RunWithoutTorchAsync(
            _folder.FullName, new Dictionary<string, string>(), TestContext.CancellationToken, ["score", file, .. images]);

        Assert.AreEqual(0, result.ExitCode, result.Output);
        float[][] actual =
        [
            .. result.Output.Split('\n').Where(line => line.StartsWith("scores ", StringComparison.Ordinal))
                .Select(line => line.Trim().Split(' ')[1..].Select(text => float.Parse(text, CultureInfo.InvariantCulture)).ToArray()),
        ];
        TinyRun.AssertEqual(expected, actual, 1e-6f);
        Assert.IsGreaterThan(1, expected.Select(row => row[0]).Distinct().Count(), "All images have the same score.");
    }
}
