using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Onnx;

namespace Derm7pt.MLNet.Tests.Models;

[TestClass]
public sealed class ModelGraphTests
{
    [TestMethod]
    [DataRow(GateMode.Learned, false, 96)]
    [DataRow(GateMode.Learned, true, 101)]
    [DataRow(GateMode.Closed, false, 96)]
    public void Create_DefaultWidths_AgreesWithTheNetworkAsLoops(GateMode gates, bool binary, int size)
    {
        Taxonomy taxonomy = binary ? Taxonomy.BinaryDiagnosis : Taxonomy.Derm7pt;
        AssertAgreement(TestModels.Create(taxonomy, seed: 1, size, size, [2, 4, 8, 16], gates));
    }

    [TestMethod]
    public void Create_HalfWidths_AgreesWithTheNetworkAsLoops() =>
        AssertAgreement(TestModels.Create(Taxonomy.Derm7pt, seed: 1, 96, 96, [1, 2, 4, 8]));

    [TestMethod]
    [DataRow(GateMode.Learned)]
    [DataRow(GateMode.Closed)]
    public void Create_OblongImageAndTwoBlocks_AgreesWithTheNetworkAsLoops(GateMode gates) =>
        AssertAgreement(TestModels.Small(gates, filters: [2, 3]));

    [TestMethod]
    public void Create_EqualProbabilities_PredictsTheFirstLabel()
    {
        MultiTaskModel model = TestModels.Small(filters: [2, 3]).With(tensor =>
            tensor.Name.Contains("logits", StringComparison.Ordinal) ? tensor with { Values = new float[tensor.Values.Length] } : tensor);

        var outputs = OnnxRun.Run(ModelFile.Write(model), model, OnnxRun.RandomImages(model, 2, seed: 4));

        foreach (ClassificationTask task in model.Taxonomy.Tasks)
            CollectionAssert.AreEqual(new double[] { 0, 0 }, outputs[$"{task.Name}PredictedLabel"].Values);
    }

    [TestMethod]
    public void Create_TaxonomyWithoutDiagnosis_LeavesOutTheMelanomaProbability()
    {
        MultiTaskModel model = TestModels.Small(taxonomy: TwoTasks(secondScore: 1), filters: [2, 3]);

        var outputs = OnnxRun.Run(ModelFile.Write(model), model, OnnxRun.RandomImages(model, 1, seed: 6));

        CollectionAssert.AreEqual(
            new[] { "AScore", "APredictedLabel", "BScore", "BPredictedLabel", "GateAlphas", "SevenPointScore" }, outputs.Keys.ToArray());
        Assert.AreEqual(
            (2 * outputs["APredictedLabel"].Values[0]) + outputs["BPredictedLabel"].Values[0], outputs["SevenPointScore"].Values[0]);
    }

    [TestMethod]
    public void Create_AnyModel_HoldsEveryTensorOnceAsTrainingLeftIt()
    {
        MultiTaskModel model = TestModels.Default(Taxonomy.Derm7pt, seed: 7);

        GraphProto graph = ModelGraph.Create(model).Graph;

        foreach (NamedTensor tensor in model.Members[0].State)
        {
            TensorProto written = graph.Initializer.Single(initializer => initializer.Name == tensor.Name);
            CollectionAssert.AreEqual(tensor.Shape, written.Dims.ToArray(), tensor.Name);
            CollectionAssert.AreEqual(
                tensor.Values, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(written.RawData.Span).ToArray(), tensor.Name);
        }

        // The rest of the file is small, too small for a second copy of the weights.
        long state = model.Members[0].State.Sum(tensor => (long)tensor.Values.Length * sizeof(float));
        long all = graph.Initializer.Sum(initializer => (long)initializer.RawData.Length);
        Assert.IsLessThan(state / 5, all - state);
    }

    [TestMethod]
    public void Create_TensorMissing_Throws()
    {
        MultiTaskModel model = TestModels.Small();
        Assert.ThrowsExactly<KeyNotFoundException>(() => ModelGraph.Create(model with { Members = [model.Members[0] with { State = [.. model.Members[0].State.Skip(1)] }] }));
    }

    internal static Taxonomy TwoTasks(int secondScore) => Taxonomy.FromJson(
        $$"""
        {"name":"two","version":1,"tasks":[
        {"name":"A","column":"a","kind":"criterion","labels":[{"name":"no","values":["n"]},{"name":"yes","score":{{2 * secondScore}},"values":["y"]}]},
        {"name":"B","column":"b","kind":"criterion","labels":[{"name":"no","values":["n"]},{"name":"yes","score":{{secondScore}},"values":["y"]}]}]}
        """);

    private static void AssertAgreement(MultiTaskModel model)
    {
        const int Batch = 5;
        Taxonomy taxonomy = model.Taxonomy;
        byte[] onnx = ModelFile.Write(model);
        float[][] images = OnnxRun.RandomImages(model, Batch, seed: 10);
        var outputs = OnnxRun.Run(onnx, model, images);

        double difference = 0;
        for (int row = 0; row < Batch; row++)
        {
            double[][] expected = LoopNetwork.Score(model, images[row]);
            int[] labels = [.. expected.Select(scores => Array.IndexOf(scores, scores.Max()))];
            for (int t = 0; t < taxonomy.Tasks.Count; t++)
            {
                (string name, int width) = (taxonomy.Tasks[t].Name, taxonomy.Tasks[t].Labels.Count);
                CollectionAssert.AreEqual(new[] { Batch, width }, outputs[$"{name}Score"].Shape);
                for (int label = 0; label < width; label++)
                    difference = Math.Max(difference, Math.Abs(expected[t][label] - outputs[$"{name}Score"].Values[(row * width) + label]));
                Assert.AreEqual(labels[t], outputs[$"{name}PredictedLabel"].Values[row]);
            }

            int melanoma = taxonomy.Diagnosis!.Labels.ToList().FindIndex(label => label.IsMelanoma);
            Assert.AreEqual(taxonomy.SevenPointScore(labels), outputs["SevenPointScore"].Values[row]);
            Assert.AreEqual(expected[taxonomy.DiagnosisIndex][melanoma], outputs["MelanomaProbability"].Values[row], 1e-5);
            AssertRow(outputs, row, OnnxRun.Run(onnx, model, images[row]));
        }

        Assert.IsLessThan(1e-5, difference);
        double[] gates = [.. Enumerable.Range(0, model.Network.BlockCount).SelectMany(block => LoopNetwork.Alphas(model, block)).SelectMany(row => row)];
        CollectionAssert.AreEqual(new[] { Batch, gates.Length }, outputs["GateAlphas"].Shape);
        for (int i = 0; i < outputs["GateAlphas"].Values.Length; i++)
            Assert.AreEqual(gates[i % gates.Length], outputs["GateAlphas"].Values[i], 1e-7);

        // The test is meaningful only if images and labels differ.
        Assert.IsGreaterThan(
            1, Enumerable.Range(0, Batch).Select(row => outputs["MelanomaProbability"].Values[row]).Distinct().Count());
    }

    private static void AssertRow(
        Dictionary<string, (int[] Shape, double[] Values)> batch, int row, Dictionary<string, (int[] Shape, double[] Values)> single)
    {
        foreach ((string name, (int[] shape, double[] values)) in single)
        {
            Assert.AreEqual(1, shape[0]);
            for (int i = 0; i < values.Length; i++)
                Assert.AreEqual(values[i], batch[name].Values[(row * values.Length) + i], 1e-6, name);
        }
    }
}
