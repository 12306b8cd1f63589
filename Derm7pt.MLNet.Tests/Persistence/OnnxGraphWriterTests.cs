using System.Runtime.InteropServices;
using Derm7pt.MLNet.Network;
using Derm7pt.MLNet.Persistence;
using Derm7pt.MLNet.Persistence.Onnx;
using Google.Protobuf;

namespace Derm7pt.MLNet.Tests.Persistence;

[TestClass]
public sealed class OnnxGraphWriterTests
{
    [TestMethod]
    [DataRow(false, 96)]
    [DataRow(true, 101)]
    public void Write_DefaultWidths_AgreesWithTheNetworkTakenLiterally(bool binary, int size)
    {
        Taxonomy taxonomy = binary ? Taxonomy.BinaryDiagnosis : Taxonomy.Derm7pt;
        AssertAgreement(taxonomy, RandomNetwork.Default(taxonomy, seed: 1, size));
    }

    [TestMethod]
    public void Write_HalfWidths_AgreesWithTheNetworkTakenLiterally() => AssertAgreement(
        Taxonomy.Derm7pt,
        RandomNetwork.Create(Taxonomy.Derm7pt, seed: 1, 96, 96, [(1, 5, 2), (2, 3, 1), (4, 3, 1), (8, 3, 1)]));

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Write_OblongImageAndTwoBlocks_AgreesWithTheNetworkTakenLiterally(bool binary)
    {
        Taxonomy taxonomy = binary ? Taxonomy.BinaryDiagnosis : Taxonomy.Derm7pt;
        AssertAgreement(taxonomy, RandomNetwork.Small(taxonomy, seed: 2));
    }

    [TestMethod]
    public void Write_EqualProbabilities_PredictsTheFirstLabel()
    {
        Taxonomy taxonomy = Taxonomy.Derm7pt;
        FoldedNetwork network = RandomNetwork.Small(taxonomy, seed: 3);
        FoldedHead head = network.Head with
        {
            LogitsKernels = [.. network.Head.LogitsKernels.Select(Zero)],
            LogitsBiases = [.. network.Head.LogitsBiases.Select(Zero)],
        };
        byte[] onnx = OnnxGraphWriter.Write(network with { Head = head }, taxonomy).ToByteArray();

        var outputs = OnnxRun.Run(onnx, network, OnnxRun.RandomImages(network, 2, seed: 4));

        foreach (ClassificationTask task in taxonomy.Tasks)
            CollectionAssert.AreEqual(new double[] { 0, 0 }, outputs[$"{task.Name}PredictedLabel"].Values);

        static NamedTensor Zero(NamedTensor tensor) => tensor with { Values = new float[tensor.Values.Length] };
    }

    [TestMethod]
    public void Write_TaxonomyWithoutDiagnosis_LeavesOutTheMelanomaProbability()
    {
        Taxonomy taxonomy = Taxonomy.FromJson(
            """
            {"name":"two","version":1,"tasks":[
            {"name":"A","column":"a","kind":"criterion","labels":[{"name":"no","values":["n"]},{"name":"yes","score":2,"values":["y"]}]},
            {"name":"B","column":"b","kind":"criterion","labels":[{"name":"no","values":["n"]},{"name":"yes","score":1,"values":["y"]}]}]}
            """);
        FoldedNetwork network = RandomNetwork.Small(taxonomy, seed: 5);

        byte[] onnx = OnnxGraphWriter.Write(network, taxonomy).ToByteArray();

        var outputs = OnnxRun.Run(onnx, network, OnnxRun.RandomImages(network, 1, seed: 6));

        CollectionAssert.AreEqual(
            new[] { "AScore", "APredictedLabel", "BScore", "BPredictedLabel", "GateAlphas", "SevenPointScore" }, outputs.Keys.ToArray());
        Assert.AreEqual(
            2 * outputs["APredictedLabel"].Values[0] + outputs["BPredictedLabel"].Values[0], outputs["SevenPointScore"].Values[0]);
    }

    [TestMethod]
    public void Write_ExtraTensorsAndMetadata_AreReadBack()
    {
        Taxonomy taxonomy = Taxonomy.BinaryDiagnosis;
        FoldedNetwork network = RandomNetwork.Small(taxonomy, seed: 7);
        NamedTensor[] raw = [new("raw/a", [2, 1], [1.5f, -2]), new("raw/b", [], [float.Epsilon])];

        byte[] onnx = OnnxGraphWriter.Write(network, taxonomy, new Dictionary<string, string> { ["options"] = "{}" }, raw).ToByteArray();
        ModelProto model = ModelProto.Parser.ParseFrom(onnx);
        TensorProto[] read = [.. model.Graph.Initializer.Where(tensor => tensor.Name.StartsWith("raw/", StringComparison.Ordinal))];
        Assert.HasCount(2, read);
        for (int i = 0; i < raw.Length; i++)
        {
            Assert.AreEqual(raw[i].Name, read[i].Name);
            CollectionAssert.AreEqual(raw[i].Shape, read[i].Dims.ToArray());
            CollectionAssert.AreEqual(raw[i].Values, MemoryMarshal.Cast<byte, float>(read[i].RawData.Span).ToArray());
        }

        Dictionary<string, string> metadata = model.MetadataProps.ToDictionary(entry => entry.Key, entry => entry.Value);
        Assert.AreEqual("{}", metadata["options"]);
        Assert.AreEqual(OnnxGraphWriter.LibraryVersion, metadata[OnnxGraphWriter.LibraryVersionKey]);
        Assert.AreEqual(taxonomy.ToJson(), metadata[OnnxGraphWriter.TaxonomyKey]);
        StringAssert.Contains(metadata[OnnxGraphWriter.LabelsKey], "\"Diagnosis\":[\"not melanoma\",\"melanoma\"]");

        // They change nothing.
        float[] image = OnnxRun.RandomImages(network, 1, seed: 8)[0];
        CollectionAssert.AreEqual(
            OnnxRun.Run(OnnxGraphWriter.Write(network, taxonomy).ToByteArray(), network, image)["DiagnosisScore"].Values,
            OnnxRun.Run(onnx, network, image)["DiagnosisScore"].Values);
    }

    [TestMethod]
    public void Write_MetadataKeyOfItsOwn_Throws() =>
        Assert.ThrowsExactly<ArgumentException>(() => OnnxGraphWriter.Write(
            RandomNetwork.Small(Taxonomy.Derm7pt, seed: 9),
            Taxonomy.Derm7pt,
            new Dictionary<string, string> { [OnnxGraphWriter.TaxonomyKey] = "{}" }));

    [TestMethod]
    public void Write_TensorNameTwice_SaysWhich()
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => OnnxGraphWriter.Write(
            RandomNetwork.Small(Taxonomy.Derm7pt, seed: 9), Taxonomy.Derm7pt, extraTensors: [new("block1.kernel", [1], [0])]));
        StringAssert.Contains(e.Message, "two values named 'block1.kernel'");
    }

    [TestMethod]
    public void Write_NetworkOfAnotherTaxonomy_SaysWhichTensor()
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() =>
            OnnxGraphWriter.Write(RandomNetwork.Small(Taxonomy.Derm7pt, seed: 9), Taxonomy.BinaryDiagnosis));
        StringAssert.Contains(e.Message, "'Diagnosis.logits.kernel' must have shape [2, 12], got [5, 12]");
    }

    [TestMethod]
    public void Write_InconsistentNetwork_SaysWhatIsWrong()
    {
        FoldedNetwork network = RandomNetwork.Small(Taxonomy.Derm7pt, seed: 9);
        (FoldedBlock first, FoldedBlock second) = (network.Blocks[0], network.Blocks[1]);
        (FoldedNetwork Network, string Expected)[] cases =
        [
            (network with { TaskCount = 7 }, "7 tasks"),
            (network with { Blocks = [] }, "no blocks"),
            (network with { GateAlphas = [network.GateAlphas[0]] }, "gates for 2 blocks; got 1"),
            (network with { GateAlphas = [network.GateAlphas[0], network.GateAlphas[0]] }, "'block1.alphas' must have shape [8, 24], got [8, 16]"),
            (network with { ImageWidth = 9 }, "nothing is left of it after block 2"),
            (network with { Blocks = [first with { Stride = 0 }, second] }, "Block 1 has stride 0"),
            (network with { Blocks = [first with { MixKernel = second.MixKernel }, second] }, "nothing to mix"),
            (network with { Blocks = [first, second with { Groups = 1 }] }, "must have 8 groups, got 1"),
            (network with { Blocks = [first, second with { MixBias = null }] }, "Block 2 lacks its mixing convolution"),
            (network with { Blocks = [first, second with { Kernel = second.Kernel with { Values = [1] } }] }, "holds 1 values instead of 1728"),
            (network with { Head = network.Head with { LogitsBiases = [] } }, "8 kernels and 0 biases"),
        ];

        foreach ((FoldedNetwork wrong, string expected) in cases)
        {
            ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => OnnxGraphWriter.Write(wrong, Taxonomy.Derm7pt));
            StringAssert.Contains(e.Message, expected);
        }
    }

    private static void AssertAgreement(Taxonomy taxonomy, FoldedNetwork network)
    {
        const int Batch = 7;
        byte[] onnx = OnnxGraphWriter.Write(network, taxonomy).ToByteArray();
        float[][] images = OnnxRun.RandomImages(network, Batch, seed: 10);
        var outputs = OnnxRun.Run(onnx, network, images);

        double difference = 0;
        for (int row = 0; row < Batch; row++)
        {
            double[][] expected = LiteralNetwork.Score(network, images[row]);
            int[] labels = [.. expected.Select(scores => Array.IndexOf(scores, scores.Max()))];
            for (int t = 0; t < taxonomy.Tasks.Count; t++)
            {
                (string name, int width) = (taxonomy.Tasks[t].Name, taxonomy.Tasks[t].Labels.Count);
                CollectionAssert.AreEqual(new[] { Batch, width }, outputs[$"{name}Score"].Shape);
                for (int label = 0; label < width; label++)
                    difference = Math.Max(difference, Math.Abs(expected[t][label] - outputs[$"{name}Score"].Values[row * width + label]));
                Assert.AreEqual(labels[t], outputs[$"{name}PredictedLabel"].Values[row]);
            }

            int melanoma = taxonomy.Diagnosis!.Labels.ToList().FindIndex(label => label.IsMelanoma);
            Assert.AreEqual(taxonomy.SevenPointScore(labels), outputs["SevenPointScore"].Values[row]);
            Assert.AreEqual(expected[taxonomy.DiagnosisIndex][melanoma], outputs["MelanomaProbability"].Values[row], 1e-5);
            AssertRow(outputs, row, OnnxRun.Run(onnx, network, images[row]));
        }

        Assert.IsLessThan(1e-5, difference);
        float[] gates = [.. network.GateAlphas.SelectMany(block => block.Values)];
        CollectionAssert.AreEqual(new[] { Batch, gates.Length }, outputs["GateAlphas"].Shape);
        CollectionAssert.AreEqual(
            Enumerable.Repeat(gates, Batch).SelectMany(value => value).ToArray(),
            outputs["GateAlphas"].Values.Select(value => (float)value).ToArray());

        // The test is worth something only where images and labels differ.
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
                Assert.AreEqual(values[i], batch[name].Values[row * values.Length + i], 1e-6, name);
        }
    }
}
