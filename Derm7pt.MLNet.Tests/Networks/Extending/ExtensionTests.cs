using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Interpretation;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Reporting;
using Derm7pt.MLNet.Tests.Models;
using Derm7pt.MLNet.Tests.Training;
using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Networks.Extending;

/// <summary>
/// Tests that networks with a sharing scheme and an encoder outside the library can be trained, scored, saved, loaded, exported, explained
/// and resumed. Each of the two is one file in this folder.
/// </summary>
[TestClass]
public sealed class ExtensionTests
{
    private const int Extent = 40;

    private static readonly Lazy<Derm7ptMultiTaskTransformer> Trained = new(() => TinyCases.Fit(Options(), View()));

    [ClassInitialize]
    public static void AddKinds(TestContext context)
    {
        SharingScheme.Kinds.Add("cross-stitch", CrossStitchJson.Default.CrossStitch);
        Encoder.Kinds.Add("stem", StemEncoderJson.Default.StemEncoder);
    }

    [ClassCleanup]
    public static void Free()
    {
        if (Trained.IsValueCreated)
            Trained.Value.Dispose();
    }

    [TestMethod]
    public void Fit_EveryTensorOfTheNewLayers_Learns()
    {
        using var start = new TorchNetwork(Trained.Value.Model.Network, seed: 0);
        Dictionary<string, float[]> zero = start.Capture().ToDictionary(tensor => tensor.Name, tensor => tensor.Values);

        // Tensors that are initially zero have changed, and the loss has decreased.
        foreach (string name in new[] { "encoder.bias", "sharing.0.stitch", "sharing.1.stitch" })
            Assert.IsFalse(Trained.Value.Model.Tensor(name).Values.SequenceEqual(zero[name]), name);
        IReadOnlyList<EpochMetrics> epochs = Trained.Value.History.Epochs;
        Assert.IsLessThan(0.8 * epochs[0].TrainingLoss, epochs[^1].TrainingLoss);
        Assert.IsEmpty(epochs[0].Sharing, "a scheme without gates has no sharing matrix of gates");
    }

    [TestMethod]
    public void Emit_TrainedNetwork_ScoresAsTorchDoesInDoublePrecision()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        MultiTaskModel model = Trained.Value.Model;
        using var network = new TorchNetwork(model.Network, seed: 0, type: ScalarType.Float64);
        network.Restore(model.Members[0].State);
        float[][] images = OnnxRun.RandomImages(model, 4, seed: 3);

        var outputs = OnnxRun.Run(ModelFile.Write(model), model, images);
        IReadOnlyList<Tensor> logits = network.Forward(tensor([.. images.SelectMany(x => x)], [4, 3, Extent, Extent]).to(float64)).Logits;

        for (int task = 0; task < logits.Count; task++)
        {
            double[] expected = logits[task].softmax(1).data<double>().ToArray(), actual = outputs[model.Taxonomy.Tasks[task].Name + "Score"].Values;
            for (int i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], actual[i], 1e-5, $"task {task}, value {i}");
        }

        Assert.IsFalse(outputs.ContainsKey(ColumnNames.GateAlphas));
    }

    [TestMethod]
    public void Save_ZipAndOnnx_GiveTheSameScoresAndNetworkWhenLoaded()
    {
        using var folder = new TemporaryFolder();
        IDataView data = View();
        var ml = new MLContext();
        ml.Model.Save(Trained.Value, data.Schema, folder.File("model.zip"));
        Trained.Value.SaveAsOnnx(folder.File("model.onnx"));
        float[][] expected = TinyRun.Scores(Trained.Value.Transform(data));

        ITransformer chain = new MLContext().Model.Load(folder.File("model.zip"), out _);
        TinyRun.AssertEqual(expected, TinyRun.Scores(chain.Transform(data)), 0);
        foreach (string file in new[] { "model.zip", "model.onnx" })
        {
            using Derm7ptMultiTaskTransformer loaded = ml.Model.LoadDerm7ptMultiTask(folder.File(file));
            Assert.AreEqual(Trained.Value.Model.Network, loaded.Model.Network);
            Assert.IsInstanceOfType<CrossStitch>(loaded.Model.Network.Sharing);
            Assert.IsInstanceOfType<StemEncoder>(loaded.Model.Network.Encoder);
            Assert.AreEqual(Options().Recipe.ToJson(), loaded.Recipe!.ToJson());
            TinyRun.AssertEqual(expected, TinyRun.Scores(loaded.Transform(data)), 0);
        }
    }

    [TestMethod]
    public void Explain_TrainedNetwork_DrawsBothKindsOfMaps()
    {
        float[] image = OnnxRun.RandomImages(Trained.Value.Model, 1, seed: 5)[0];
        using GradCam gradCam = Trained.Value.CreateGradCam();

        SaliencyMap map = gradCam.Explain(image, "Streaks", label: 1, block: 0);
        SaliencyMap occlusion = Trained.Value.ExplainByOcclusion(image, "Streaks", label: 1);

        Assert.AreEqual((Extent, Extent), (map.Height, map.Width));
        Assert.AreEqual((Extent, Extent), (occlusion.Height, occlusion.Width));
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Trained.Value.Gates.Overall()).Message, "CrossStitch, which has no gates");
    }

    [TestMethod]
    public void Fit_ResumedFromACheckpoint_GivesTheSameWeights()
    {
        using var folder = new TemporaryFolder();
        string checkpoint = folder.File("run.ckpt");
        TinyCases.Fit(Options(epochs: 2).With(runtime: r => new RuntimeOptions(r) { CheckpointPath = checkpoint }), View()).Dispose();

        using Derm7ptMultiTaskTransformer resumed = TinyCases.Fit(Options().With(runtime: r => new RuntimeOptions(r) { CheckpointPath = checkpoint }), View());

        TinyCases.AreSameWeights(Trained.Value, resumed);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => TinyCases.Fit(
                Options().With(network: n => new NetworkOptions(n) { Sharing = new CrossStitch(Own: 0.6) }, runtime: r => new RuntimeOptions(r) { CheckpointPath = checkpoint }),
                View())).Message,
            "Network.Sharing.Own: 0.7 in the checkpoint, 0.6 in this run.");
    }

    [TestMethod]
    public void Options_ImpossibleLayer_IsNamedBeforeAnyTraining() => StringAssert.Contains(
        Assert.ThrowsExactly<ArgumentException>(() => TinyCases.Fit(Options().With(network: n => new NetworkOptions(n) { CustomEncoder = new StemEncoder(0) }))).Message,
        "Filters must be from 1 to 999, got 0");

    [TestMethod]
    public void Forward_StitchesAtIdentity_OneTasksLossDoesNotReachAnotherTasksKernels()
    {
        using DisposeScope scope = NewDisposeScope();
        NetworkSpec spec = TestNetworks.Spec(GateMode.Learned) with { Sharing = new CrossStitch(Own: 1) };
        using var network = new TorchNetwork(spec, seed: 3, type: ScalarType.Float64);

        network.Forward(TestNetworks.Pixels(2, 64).to(float64)).Logits[0].square().sum().backward();

        Tensor gradient = network["blocks.1.kernel"].grad!;
        long own = gradient.shape[0] / spec.TaskCount;
        Assert.IsGreaterThan(0, gradient.narrow(0, 0, own).abs().max().ToDouble());
        Assert.AreEqual(0, gradient.narrow(0, own, gradient.shape[0] - own).abs().max().ToDouble());
    }

    [TestMethod]
    public void Report_SchemeWithoutGates_LeavesOutWhatIsAboutGates()
    {
        using var folder = new TemporaryFolder();

        string page = File.ReadAllText(Derm7ptReport.Write(
            folder.Path, Trained.Value, Trained.Value.Transform(View()),
            new ReportOptions { ExampleCount = 2, Evaluation = new MultiTaskEvaluation.Options { BootstrapResamples = 0 } }));

        Assert.IsFalse(Trained.Value.HasGates);
        Assert.ThrowsExactly<InvalidOperationException>(() => Trained.Value.Gates);
        StringAssert.Contains(page, "id=\"examples\"");
        Assert.DoesNotContain("id=\"sharing\"", page);
        Assert.DoesNotContain("Mean sharing", page);
        Assert.DoesNotContain("Gates show", page);
        Assert.IsTrue(File.Exists(folder.File("evaluation.json")));
        Assert.IsEmpty(Directory.GetFiles(folder.Path, "gates.*"));
    }

    private static IDataView View() => TinyCases.View(extent: Extent);

    private static Derm7ptMultiTaskEstimator.Options Options(int epochs = 4) => TinyCases.Options(epochs).With(
        network: n => new NetworkOptions(n)
        {
            Sharing = new CrossStitch(Own: 0.7),
            CustomEncoder = new StemEncoder(Filters: 4),
        },
        data: d => new DataOptions(d) { ValidationSet = TinyCases.View(count: 15, seed: 2, extent: Extent) });
}
