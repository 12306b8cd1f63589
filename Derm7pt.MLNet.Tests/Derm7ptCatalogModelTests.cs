using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tests.Models;
using Derm7pt.MLNet.Tests.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests;

[TestClass]
public sealed class Derm7ptCatalogModelTests
{
    private const int Cases = 5;

    [TestMethod]
    [DataRow(true, true)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    [DataRow(false, false)]
    public void LoadDerm7pt_SavedStage_IsTheSameStage(bool asZip, bool asImages)
    {
        var ml = new MLContext();
        MultiTaskModel model = TestModels.Small(filters: [2, 3]);
        var data = new ScoringData(model, Cases, seed: 12);
        IDataView input = data.View(ml, asImages, "Picture", withDimensions: true);
        // The saved chain must move these names out of the way.
        input = ml.Transforms.CopyColumns("Score", "Case").Append(ml.Transforms.CopyColumns("StreaksPredictedLabel", "Case"))
            .Fit(input).Transform(input);
        using var live = new Derm7ptMultiTaskTransformer(model, "Picture", input.Schema, scoringBatchSize: 2);
        using var folder = new TemporaryFolder();
        // The file name contradicts the content.
        string path = folder.File(asZip ? "model.onnx" : "model.zip");
        Save(ml, live, input, path, asZip);

        using Derm7ptMultiTaskTransformer loaded = ml.Model.LoadDerm7ptMultiTask(path);

        double[][][] expected = [.. data.Pixels.Select(pixels => LoopNetwork.Score(model, pixels))];
        AssertScores(expected, model.Taxonomy, loaded.Transform(input));
        CollectionAssert.AreEqual(
            live.GetOutputSchema(input.Schema).Select(column => (column.Name, column.Type)).ToArray(),
            loaded.GetOutputSchema(input.Schema).Select(column => (column.Name, column.Type)).ToArray());
        CollectionAssert.AreEqual(
            live.Transform(input).GetColumn<float[]>("GateAlphas").First(),
            loaded.Transform(input).GetColumn<float[]>("GateAlphas").First());
        Assert.AreEqual(live.ParameterCount, loaded.ParameterCount);
        Assert.AreEqual(live.History.Epochs[0].TrainingLoss, loaded.History.Epochs[0].TrainingLoss);
        for (int block = 0; block < live.BlockCount; block++)
            Assert.AreEqual(live.Gates.Block(block).ToJson(), loaded.Gates.Block(block).ToJson());

        // It can be saved again, either way, and ML.NET alone can load it.
        string zip = folder.File("again.zip"), onnx = folder.File("again.onnx");
        Save(ml, loaded, input, zip, asZip: true);
        Save(ml, loaded, input, onnx, asZip: false);
        ITransformer chain = new MLContext().Model.Load(zip, out _);
        AssertScores(expected, model.Taxonomy, chain.Transform(input));
        CollectionAssert.AreEqual(input.GetColumn<string>("Case").ToArray(), chain.Transform(input).GetColumn<string>("Score").ToArray());
        using Derm7ptMultiTaskTransformer again = ml.Model.LoadDerm7ptMultiTask(zip);
        AssertScores(expected, model.Taxonomy, again.Transform(input));
        live.SaveAsOnnx(path);
        CollectionAssert.AreEqual(File.ReadAllBytes(path), File.ReadAllBytes(onnx));
    }

    [TestMethod]
    public void LoadDerm7pt_SavedStage_HasAStateThatTrainingCanStartFrom()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        MultiTaskModel model = TestModels.Small(filters: [2, 3]);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("model.onnx"), ModelFile.Write(model));

        using Derm7ptMultiTaskTransformer loaded = new MLContext().Model.LoadDerm7ptMultiTask(folder.File("model.onnx"));

        using var network = new TorchNetwork(loaded.Model.Network, seed: 99);
        network.Restore(loaded.Model.Members[0].State);
        network.IsTraining = false;
        var data = new ScoringData(model, count: 1, seed: 3);
        NetworkOutput output = network.Forward(
            tensor(data.Pixels[0], [1, 3, TestModels.Height, TestModels.Width]));
        double[][] expected = LoopNetwork.Score(model, data.Pixels[0]);
        for (int task = 0; task < expected.Length; task++)
        {
            float[] scores = nn.functional.softmax(output.Logits[task][0], 0).data<float>().ToArray();
            for (int label = 0; label < scores.Length; label++)
                Assert.AreEqual(expected[task][label], scores[label], 1e-5);
        }
    }

    [TestMethod]
    public void LoadDerm7pt_StageInsideAPipeline_IsFound()
    {
        var ml = new MLContext();
        MultiTaskModel model = TestModels.Small();
        IDataView input = new ScoringData(model, Cases, seed: 1).View(ml, asImages: false, "Picture", withDimensions: true);
        ITransformer before = ml.Transforms.CopyColumns("Image", "Picture").Fit(input);
        IDataView prepared = before.Transform(input);
        using var live = new Derm7ptMultiTaskTransformer(model, "Image", prepared.Schema, scoringBatchSize: 32);
        ITransformer after = ml.Transforms.DropColumns("Case").Fit(live.Transform(prepared));
        using var folder = new TemporaryFolder();
        ml.Model.Save(new TransformerChain<ITransformer>(before, live, after), input.Schema, folder.File("model.zip"));

        using Derm7ptMultiTaskTransformer loaded = ml.Model.LoadDerm7ptMultiTask(folder.File("model.zip"));

        CollectionAssert.AreEqual(
            live.Transform(prepared).GetColumn<float>("MelanomaProbability").ToArray(),
            loaded.Transform(prepared).GetColumn<float>("MelanomaProbability").ToArray());
    }

    [TestMethod]
    public void LoadDerm7pt_BrokenFile_NamesItAndWhatIsWrong()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        File.WriteAllBytes(path, []);

        Derm7ptModelException e = Assert.ThrowsExactly<Derm7ptModelException>(() => new MLContext().Model.LoadDerm7ptMultiTask(path));

        Assert.AreEqual(path, e.Path);
        Assert.AreEqual($"The file '{path}' cannot be loaded: it is empty.", e.Message);
    }

    [TestMethod]
    public void LoadDerm7pt_BadArguments_Throws()
    {
        ModelOperationsCatalog catalog = new MLContext().Model;
        Assert.ThrowsExactly<ArgumentException>(() => catalog.LoadDerm7ptMultiTask(" "));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.LoadDerm7ptMultiTask("model.zip", scoringBatchSize: 0));
        Assert.ThrowsExactly<FileNotFoundException>(() => catalog.LoadDerm7ptMultiTask($"{Guid.NewGuid():N}.zip"));
        Assert.ThrowsExactly<UnauthorizedAccessException>(() => catalog.LoadDerm7ptMultiTask(Path.GetTempPath()));
    }

    private static void Save(MLContext ml, Derm7ptMultiTaskTransformer stage, IDataView input, string path, bool asZip)
    {
        if (asZip)
            ml.Model.Save(stage, input.Schema, path);
        else
            stage.SaveAsOnnx(path);
    }

    private static void AssertScores(double[][][] expected, Taxonomy taxonomy, IDataView scored)
    {
        for (int task = 0; task < taxonomy.Tasks.Count; task++)
        {
            float[][] scores = [.. scored.GetColumn<float[]>($"{taxonomy.Tasks[task].Name}Score")];
            Assert.HasCount(expected.Length, scores);
            for (int row = 0; row < scores.Length; row++)
            {
                for (int label = 0; label < scores[row].Length; label++)
                    Assert.AreEqual(expected[row][task][label], scores[row][label], 1e-5);
            }
        }
    }
}
