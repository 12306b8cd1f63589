using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Interpretation;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Onnx;
using Derm7pt.MLNet.Tests.Models;
using Derm7pt.MLNet.Tests.Training;
using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Networks.Encoders;

/// <summary>Tests that a network with an encoder from a file can be trained, scored, saved, loaded, exported, explained and resumed like any other.</summary>
[TestClass]
public sealed class PretrainedTrainingTests
{
    /// <summary>The height of the images, and their width: the network reads the central square.</summary>
    private const int Extent = 48, Width = 59;

    private static readonly TemporaryFolder Folder = new();
    private static readonly string File = ExtractorFile.Everything().Save(Folder.Path);
    private static readonly Lazy<Derm7ptMultiTaskTransformer> Trained = new(() => TinyCases.Fit(Options(), View()));

    [ClassCleanup]
    public static void Free()
    {
        if (Trained.IsValueCreated)
            Trained.Value.Dispose();
        Folder.Dispose();
    }

    [TestMethod]
    public void Fit_WholeEncoder_ChangesItsWeightsAndLearns()
    {
        EncoderFile file = EncoderFile.Load(Options().Network.Encoder!);
        foreach (string name in (string[])["stem.weight", "stem/bn.mean", "wide.bias"])
        {
            Assert.IsFalse(
                file.Weights.Single(tensor => tensor.Name == name).Values.SequenceEqual(Trained.Value.Model.Tensor($"encoder.{name}").Values), name);
        }

        IReadOnlyList<EpochMetrics> epochs = Trained.Value.History.Epochs;
        Assert.IsLessThan(epochs[0].TrainingLoss, epochs[^1].TrainingLoss);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void Fit_LastStagesOnly_LeavesTheOthersAsTheyAre(int trainedStages)
    {
        EncoderFile file = EncoderFile.Load(Options().Network.Encoder!);
        using Derm7ptMultiTaskTransformer model = TinyCases.Fit(
            Options(epochs: 2).With(network: n => new NetworkOptions(n) { Encoder = new EncoderOptions(n.Encoder!) { TrainedStages = trainedStages } }), View());
        foreach ((string name, bool isFrozen) in ((string, bool)[])[("stem.weight", true), ("stem/bn.mean", true), ("wide.bias", trainedStages == 0)])
        {
            Assert.AreEqual(
                isFrozen,
                file.Weights.Single(tensor => tensor.Name == name).Values.SequenceEqual(model.Model.Tensor($"encoder.{name}").Values), name);
        }
    }

    [TestMethod]
    public void Fit_OtherOperatorsFrozen_SavedModelScoresAsTheLiveOne()
    {
        using var folder = new TemporaryFolder();
        using Derm7ptMultiTaskTransformer model = TinyCases.Fit(
            Options(epochs: 2).With(network: n => new NetworkOptions(n) { Encoder = new EncoderOptions(n.Encoder!) { Output = "probabilities", TrainedStages = 0 }, FiltersPerBlock = [4] }),
            View());
        TinyCases.Ml.Model.Save(model, View().Schema, folder.File("model.zip"));
        model.SaveAsOnnx(folder.File("model.onnx"));
        float[][] expected = TinyRun.Scores(model.Transform(View()));
        TinyRun.AssertEqual(expected, TinyRun.Scores(new MLContext().Model.Load(folder.File("model.zip"), out _).Transform(View())), 0);
        using Derm7ptMultiTaskTransformer loaded = TinyCases.Ml.Model.LoadDerm7ptMultiTask(folder.File("model.onnx"));
        TinyRun.AssertEqual(expected, TinyRun.Scores(loaded.Transform(View())), 0);

        // ONNX Runtime within torch's network gives the same values as the exported graph.
        float[][] images = OnnxRun.RandomImages(model.Model, 2, seed: 3);
        using DisposeScope scope = NewDisposeScope();
        using var network = new TorchNetwork(model.Model.Network, seed: 0);
        network.Restore(model.Model.Members[0].State);
        float[] torch = network.Forward(network.Prepare(tensor([.. images.SelectMany(x => x)], [2, 3, Extent, Width]))).Logits[0].softmax(1).data<float>().ToArray();
        double[] graph = OnnxRun.Run(ModelFile.Write(model.Model), model.Model, images)[model.Model.Taxonomy.Tasks[0].Name + "Score"].Values;
        for (int i = 0; i < torch.Length; i++)
            Assert.AreEqual(torch[i], graph[i], 1e-5);
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
        Tensor pixels = tensor([.. images.SelectMany(x => x)], [4, 3, Extent, Width]).to(float64);
        IReadOnlyList<Tensor> logits = network.Forward(network.Prepare(pixels)).Logits;

        for (int task = 0; task < logits.Count; task++)
        {
            double[] expected = logits[task].softmax(1).data<double>().ToArray(), actual = outputs[model.Taxonomy.Tasks[task].Name + "Score"].Values;
            for (int i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], actual[i], 1e-5, $"task {task}, value {i}");
        }
    }

    [TestMethod]
    public void Save_ZipAndOnnx_ScoreAndLoadWithoutTheFileOfTheEncoder()
    {
        using var folder = new TemporaryFolder();
        IDataView data = View();
        var ml = new MLContext();
        ml.Model.Save(Trained.Value, data.Schema, folder.File("model.zip"));
        Trained.Value.SaveAsOnnx(folder.File("model.onnx"));
        float[][] expected = TinyRun.Scores(Trained.Value.Transform(data));

        TinyRun.AssertEqual(expected, TinyRun.Scores(new MLContext().Model.Load(folder.File("model.zip"), out _).Transform(data)), 0);
        Assert.EndsWith(
            "Origin: drawn by a test. License: CC0-1.0.", ModelProto.Parser.ParseFrom(System.IO.File.ReadAllBytes(folder.File("model.onnx"))).DocString);
        foreach (string file in new[] { "model.zip", "model.onnx" })
        {
            using Derm7ptMultiTaskTransformer loaded = ml.Model.LoadDerm7ptMultiTask(folder.File(file));
            Assert.AreEqual(Trained.Value.Model.Network, loaded.Model.Network);
            EncoderOptions encoder = loaded.Recipe!.Network.Encoder!;
            Assert.AreEqual("extractor.onnx", encoder.File, "a model names no folder");
            Assert.AreEqual(64, encoder.Sha256!.Length);
            Assert.AreEqual(("drawn by a test", "CC0-1.0"), (encoder.Origin, encoder.License));
            Assert.AreEqual(("drawn by a test", "CC0-1.0"), (loaded.InputDetails["Origin"], loaded.InputDetails["License"]));
            TinyRun.AssertEqual(expected, TinyRun.Scores(loaded.Transform(data)), 0);
        }
    }

    [TestMethod]
    public void Explain_StagesOfTheEncoder_DrawMapsThatDiffer()
    {
        float[] image = OnnxRun.RandomImages(Trained.Value.Model, 1, seed: 5)[0];
        using GradCam gradCam = Trained.Value.CreateGradCam();

        float[][] maps = [.. Enumerable.Range(0, 3).Select(stage => gradCam.Explain(image, "Streaks", label: 1, stage: stage).Values.ToArray())];

        Assert.IsTrue(maps.All(map => map.Length == Extent * Width && map.All(float.IsFinite)));
        Assert.IsFalse(maps[0].SequenceEqual(maps[1]));
        // Of 48 rows and 59 columns the border of 4 leaves 40 and 51, of which the square has the columns from the sixth one on.
        foreach (float[] map in maps)
        {
            for (int i = 0; i < map.Length; i++)
            {
                (int row, int column) = (i / Width, i % Width);
                Assert.IsTrue(map[i] == 0 || (row is >= 4 and < 44 && column is >= 9 and < 49), $"{row}, {column}");
            }
        }

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => gradCam.Explain(image, "Streaks", stage: 3));
    }

    // The definition with numerical derivatives, as for a block: the features of the last stage are all that the rest of the network reads.
    [TestMethod]
    public void Explain_LastStage_IsTheDefinitionWithNumericalDerivatives()
    {
        using DisposeScope scope = NewDisposeScope();
        MultiTaskModel model = Trained.Value.Model;
        float[] image = OnnxRun.RandomImages(model, 1, seed: 5)[0];
        using var network = new TorchNetwork(model.Network, seed: 0, type: ScalarType.Float64);
        network.Restore(model.Members[0].State);
        Tensor features = model.Network.Encoder.Forward(
            network.Scope(NetworkSpec.EncoderPath), network.Prepare(tensor(image, [1, 3, Extent, Width]).to(float64))).detach();
        using var rest = new TorchNetwork(model.Network with { Encoder = new GivenFeatures((int)features.shape[1]) }, seed: 0, type: ScalarType.Float64);
        rest.Restore([.. model.Members[0].State.Where(tensor => !tensor.Name.StartsWith("encoder.", StringComparison.Ordinal))]);
        int task = model.Taxonomy.IndexOf("Streaks");
        const double Step = 1e-4;
        Tensor map = zeros_like(features[0, 0]);
        for (int channel = 0; channel < features.shape[1]; channel++)
        {
            map += (Logit(+Step) - Logit(-Step)) / (2 * Step) * features[0, channel];

            double Logit(double step)
            {
                Tensor moved = features.clone();
                moved[0, channel].add_(step);
                return rest.Forward(moved).Logits[task][0, 1].ToDouble();
            }
        }

        Tensor expected = nn.functional.interpolate(
            map.relu().reshape(1, 1, map.shape[0], map.shape[1]), [40, 40], mode: InterpolationMode.Bilinear, align_corners: false);
        expected = (nn.functional.pad(expected, [9, 10, 4, 4]) / expected.max()).to(float32);
        using GradCam gradCam = Trained.Value.CreateGradCam();
        SaliencyMap actual = gradCam.Explain(image, "Streaks", label: 1, stage: 2);

        Assert.AreEqual("the encoder's stage at 'features'", actual.Source);
        TinyRun.AssertEqual([expected.data<float>().ToArray()], [actual.Values.ToArray()], 1e-3f);
    }

    // Of 56 pixels the stages leave 28, 14 and 7, and the blocks 7 and 3.
    [TestMethod]
    public void Explain_BlocksTooSmall_UsesTheLastStageThatIsNot()
    {
        float[] image = OnnxRun.RandomImages(Trained.Value.Model, 1, seed: 5)[0];
        using GradCam gradCam = Trained.Value.CreateGradCam();

        SaliencyMap map = gradCam.Explain(image, "Diagnosis");

        Assert.AreEqual($"the encoder's stage at '{Trained.Value.Model.Network.Encoder.Stages()[1].Name}'", map.Source);
        CollectionAssert.AreEqual(gradCam.Explain(image, "Diagnosis", stage: 1).Values.ToArray(), map.Values.ToArray());
        Assert.AreEqual("block 2 of 2", gradCam.Explain(image, "Diagnosis", block: 1).Source);
    }

    [TestMethod]
    public void ExplainByOcclusion_BorderSquareAndOtherSize_ShowsOnlyWhatTheNetworkReads()
    {
        float[] image = OnnxRun.RandomImages(Trained.Value.Model, 1, seed: 6)[0];

        SaliencyMap[] maps = [.. Enumerable.Range(0, 2).Select(label => Trained.Value.ExplainByOcclusion(image, "BlueWhitishVeil", label, patch: 3, stride: 3))];

        // One of the two labels gains and the other one loses wherever something is covered.
        float[] sum = [.. maps[0].Values.ToArray().Zip(maps[1].Values.ToArray(), (x, y) => x + y)];
        Assert.AreEqual("occlusion", maps[0].Source);
        for (int i = 0; i < sum.Length; i++)
        {
            (int row, int column) = (i / Width, i % Width);
            // Squares of 3 that begin at multiples of 3 reach over the edge of what is read by 2 pixels at most.
            if (row is < 2 or >= 46 || column is < 7 or >= 51)
                Assert.AreEqual(0, sum[i], 1e-3f, $"{row}, {column}");
        }

        Assert.IsGreaterThan(0, sum.Max());
    }

    [TestMethod]
    [DataRow(null, null)]
    [DataRow(null, 1)]
    [DataRow(null, 0)]
    [DataRow("probabilities", 0)]
    public void Fit_ResumedFromACheckpoint_GivesTheSameWeights(string? output, int? trainedStages)
    {
        using var folder = new TemporaryFolder();
        string checkpoint = folder.File("run.ckpt");
        Derm7ptMultiTaskEstimator.Options Of(int epochs, string? path) => Options(epochs).With(
            network: n => new NetworkOptions(n)
            {
                Encoder = new EncoderOptions(n.Encoder!) { Output = output, TrainedStages = trainedStages },
                FiltersPerBlock = output is null ? n.FiltersPerBlock : [4],
            },
            training: t => new TrainingOptions(t) { AverageDecay = 0.9, WeightDecay = 0.1 },
            runtime: r => new RuntimeOptions(r) { CheckpointPath = path });
        using Derm7ptMultiTaskTransformer uninterrupted = TinyCases.Fit(Of(3, null), View());

        TinyCases.Fit(Of(2, checkpoint), View()).Dispose();
        using Derm7ptMultiTaskTransformer resumed = TinyCases.Fit(Of(3, checkpoint), View());

        TinyCases.AreSameWeights(uninterrupted, resumed);
    }

    [TestMethod]
    public void Fit_FromInitialModel_StartsFromItsEncoder()
    {
        // The rates are too small to change a weight.
        using Derm7ptMultiTaskTransformer again = TinyCases.Fit(
            new Derm7ptMultiTaskEstimator.Options(
                Options(epochs: 1).With(training: t => new TrainingOptions(t) { EncoderLearningRate = 1e-20 }))
            {
                InitialModel = Trained.Value,
            }, View());

        // The weights of the file would be the other possible start.
        Assert.IsFalse(EncoderFile.Load(Options().Network.Encoder!).Weights.Single(tensor => tensor.Name == "stem.weight").Values
            .SequenceEqual(again.Model.Tensor("encoder.stem.weight").Values));
        Assert.IsTrue(Trained.Value.Model.Tensor("encoder.stem.weight").Values.SequenceEqual(again.Model.Tensor("encoder.stem.weight").Values));
        Assert.IsFalse(Trained.Value.Model.Tensor("blocks.0.kernel").Values.SequenceEqual(again.Model.Tensor("blocks.0.kernel").Values));
    }

    [TestMethod]
    public void Fit_InitialModelThatReadsAnotherRegion_IsAnError()
    {
        var options = new Derm7ptMultiTaskEstimator.Options(
            Options(epochs: 1).With(network: n => new NetworkOptions(n) { ImageRegion = ImageRegion.Whole }))
        {
            InitialModel = Trained.Value,
        };

        Assert.Contains("Input.Region", Assert.ThrowsExactly<ArgumentException>(() => TinyCases.Ml.Transforms.Derm7ptMultiTask(options)).Message);
    }

    [TestMethod]
    public void Fit_PretrainedRecipe_TrainsEveryPartOfAResNet18()
    {
        var preset = TrainingRecipe.Pretrained();
        // The size is the smallest that the encoder allows, so that the test is short.
        var recipe = new TrainingRecipe
        {
            Network = new NetworkOptions(preset.Network) { BorderPixels = 2, InputSize = 64 },
            Training = new TrainingOptions(preset.Training) { BatchSize = 6, MaximumEpochs = 2 },
        };
        Assert.AreEqual(recipe.ToJson(), TrainingRecipe.FromJson(recipe.ToJson()).ToJson());
        IReadOnlyList<NamedTensor> before = EncoderFile.Load(preset.Network.Encoder!).Weights;

        using Derm7ptMultiTaskTransformer model = TinyCases.Fit(
            new Derm7ptMultiTaskEstimator.Options
            {
                Network = recipe.Network,
                Training = recipe.Training,
                Data = new DataOptions { ValidationSet = TinyCases.View(count: 8, seed: 2, extent: 48) },
                Runtime = new RuntimeOptions { Device = ComputeDevice.Cpu },
            },
            TinyCases.View(count: 24, extent: 48));

        Assert.IsTrue(before.Where(tensor => model.Model.Network.Parameters().Single(p => p.Name == $"encoder.{tensor.Name}").IsLearned)
            .All(tensor => !tensor.Values.SequenceEqual(model.Model.Tensor($"encoder.{tensor.Name}").Values)));
        Assert.Contains("ResNet-18 trained on ImageNet", model.Recipe!.Network.Encoder!.Origin!);
        Assert.IsTrue(TinyRun.Scores(model.Transform(TinyCases.View(count: 3, extent: 48))).SelectMany(row => row).All(float.IsFinite));
    }

    [TestMethod]
    public void Create_FileThatIsNoExtractor_NamesFileAndReasonBeforeAnyData()
    {
        using var folder = new TemporaryFolder();
        System.IO.File.WriteAllText(folder.File("text.onnx"), "no model");
        ExtractorFile gray = new(inputChannels: 1);
        gray.Node("Relu", "relu", [ExtractorFile.Input]);
        gray.Output("relu");
        gray.Save(folder.Path, "gray.onnx");
        foreach ((string file, string expected) in ((string, string)[])
            [
                ("text.onnx", "text.onnx' cannot be used as an encoder"),
                ("gray.onnx", "gray.onnx' cannot be used as an encoder: it must have one input, an image [N, 3, height, width]; got 'image' [0, 1, 0, 0]."),
            ])
        {
            var e = Assert.ThrowsExactly<InvalidDataException>(() => TinyCases.Ml.Transforms.Derm7ptMultiTask(
                Options().With(network: n => new NetworkOptions(n) { Encoder = new EncoderOptions { File = folder.File(file) } })));
            Assert.Contains(expected, e.Message);
        }

        Assert.Contains("its SHA-256 is ", Assert.ThrowsExactly<InvalidDataException>(() => TinyCases.Ml.Transforms.Derm7ptMultiTask(
            Options().With(network: n => new NetworkOptions(n) { Encoder = new EncoderOptions(n.Encoder!) { Sha256 = new string('0', 64) } }))).Message);
    }

    private static IDataView View() => TinyCases.View(extent: Extent, width: Width);

    private static Derm7ptMultiTaskEstimator.Options Options(int epochs = 3) => TinyCases.Options(epochs).With(
        network: n => new NetworkOptions(n)
        {
            Encoder = new EncoderOptions
            {
                File = File,
                Stage = 2,
                Normalization = new PixelNormalization { Order = ChannelOrder.Bgr, Mean = [0.4, 0.5, 0.6] },
                Origin = "drawn by a test",
                License = "CC0-1.0",
            },
            FiltersPerBlock = [4, 4],
            BorderPixels = 4,
            InputSize = 56,
            ImageRegion = ImageRegion.CentralSquare,
        },
        training: t => new TrainingOptions(t) { LearningRate = 0.005 },
        data: d => new DataOptions(d) { ValidationSet = TinyCases.View(count: 15, seed: 2, extent: Extent, width: Width) });

    /// <summary>Stands in for an encoder whose features are known.</summary>
    private sealed record GivenFeatures(int Channels) : Encoder
    {
        public override int OutputChannels() => Channels;

        public override IEnumerable<ParameterSpec> Parameters() => [];

        public override int OutputExtent(int imageExtent) => imageExtent;

        public override Tensor Forward(TorchScope scope, Tensor pixels, ICollection<Tensor>? stages = null) => pixels;

        public override GraphValue Emit(GraphScope scope, GraphValue pixels) => pixels;
    }
}
