using System.Text.Json;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Onnx;
using Derm7pt.MLNet.Scoring;

namespace Derm7pt.MLNet.Tests.Models;

/// <summary>Tests files that earlier versions wrote, against the scores of these versions.</summary>
[TestClass]
public sealed class OldFormatTests
{
    private const int Images = 20;

    [TestMethod]
    [DataRow("format1-learned.onnx", "learned")]
    [DataRow("format2-learned.onnx", "learned")]
    [DataRow("format1-closed.onnx", "closed")]
    [DataRow("format2-closed.onnx", "closed")]
    [DataRow("format3-learned.onnx", "learned")]
    [DataRow("format3-closed.onnx", "closed")]
    [DataRow("format1-learned.zip", "learned")]
    [DataRow("format2-learned.zip", "learned")]
    public void Read_FileOfAnEarlierFormat_GivesItsOldScores(string file, string scores)
    {
        SavedModel saved = ModelFile.Read(File.ReadAllBytes(PathOf(file)), file);
        Dictionary<string, float[]> expected =
            JsonSerializer.Deserialize<Dictionary<string, float[]>>(File.ReadAllText(PathOf($"scores-{scores}.json")))!;
        MultiTaskModel model = saved.Model;
        using var scorer = new OnnxScorer(saved.Onnx, model.Outputs, model.ImageHeight, model.ImageWidth, typeof(OnnxScorer));

        Prediction[] actual = scorer.Score([.. OnnxRun.RandomImages(model, Images, seed: 21).SelectMany(image => image)], Images);

        for (int task = 0; task < model.Taxonomy.Tasks.Count; task++)
        {
            string name = model.Taxonomy.Tasks[task].Name;
            AssertEqual(expected[$"{name}Score"], [.. actual.SelectMany(prediction => prediction.Scores[task])], name);
            CollectionAssert.AreEqual(
                Array.ConvertAll(expected[$"{name}PredictedLabel"], label => (int)label), actual.Select(prediction => prediction.Labels[task]).ToArray());
        }

        AssertEqual(expected["SevenPointScore"], [.. actual.Select(prediction => prediction.Derived[0])], "seven-point score");
        AssertEqual(expected["MelanomaProbability"], [.. actual.Select(prediction => prediction.Derived[1])], "melanoma probability");
        AssertEqual(expected["GateAlphas"], scorer.Gates(), "gates");
    }

    [TestMethod]
    [DataRow("format1-learned.onnx")]
    [DataRow("format2-closed.onnx")]
    public void Read_FileOfAnEarlierFormat_IsWrittenAsTheNewest(string file)
    {
        SavedModel old = ModelFile.Read(File.ReadAllBytes(PathOf(file)), file);

        SavedModel read = ModelFile.Read(old.Onnx, "new");

        Assert.AreEqual(old.Model.Network, read.Model.Network);
        Assert.IsNull(old.Model.Recipe);
        Assert.IsNull(read.Model.Recipe);
        CollectionAssert.AreEquivalent(old.Model.TrainingDetails.ToArray(), read.Model.TrainingDetails.ToArray());
        Assert.AreEqual(old.Model.History.Epochs.Count, read.Model.History.Epochs.Count);
        CollectionAssert.AreEqual(old.Onnx, read.Onnx);
        Assert.IsLessThan(new FileInfo(PathOf(file)).Length, old.Onnx.Length, "weights are stored once");
    }

    // These files contain a dictionary of all options; newer files contain a recipe.
    [TestMethod]
    [DataRow("format1-learned.onnx")]
    [DataRow("format2-closed.onnx")]
    public void Read_FileOfAnEarlierFormat_KeepsItsTrainingOptions(string file)
    {
        byte[] bytes = TestModels.Forge(File.ReadAllBytes(PathOf(file)), model => model.MetadataProps
            .Single(entry => entry.Key == ModelFile.OldTrainingOptionsKey).Value = """{"LearningRate": "0.001", "Device": "cpu"}""");

        SavedModel old = ModelFile.Read(bytes, file);

        foreach (MultiTaskModel model in new[] { old.Model, ModelFile.Read(old.Onnx, "new").Model })
        {
            Assert.IsNull(model.Recipe);
            CollectionAssert.AreEqual(
                new Dictionary<string, string> { ["LearningRate"] = "0.001", ["Device"] = "cpu" }.ToArray(), model.TrainingDetails.ToArray());
        }
    }

    // The history has the same bytes as in the earlier versions.
    [TestMethod]
    [DataRow("format1-learned.onnx")]
    [DataRow("format1-closed.onnx")]
    [DataRow("format2-learned.onnx")]
    [DataRow("format2-closed.onnx")]
    public void Read_FileOfAnEarlierFormat_KeepsTheTextOfItsHistory(string file)
    {
        byte[] bytes = File.ReadAllBytes(PathOf(file));
        string expected = OnnxGraphReader.Open(bytes).MetadataText(ModelFile.HistoryKey);

        TrainingHistory history = ModelFile.Read(bytes, file).Model.History;

        Assert.IsGreaterThan(0, history.Epochs.Count);
        Assert.AreEqual(expected, JsonSerializer.Serialize(StoredHistory.Of(history), ModelJson.Default.StoredHistory));
    }

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Models", "Fixtures", file);

    private static void AssertEqual(float[] expected, float[] actual, string what)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-6f, $"{what} [{i}]");
    }
}
