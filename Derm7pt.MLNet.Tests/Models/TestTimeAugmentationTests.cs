using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tests.Scoring;
using Derm7pt.MLNet.Tests.Training;
using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Models;

/// <summary>Scores that are means over views of the image, against separate scores of images that are such views.</summary>
[TestClass]
public sealed class TestTimeAugmentationTests
{
    private const double Tolerance = 1e-6;

    [TestMethod]
    public void Create_SquareImages_ScoresTheMeanOfFourImages()
    {
        MultiTaskModel single = TestModels.Create(Taxonomy.Derm7pt, seed: 3, 40, 40, [2, 3]), model = WithViews(single);
        float[][] images = OnnxRun.RandomImages(single, 3, seed: 5);

        AssertMeans(single, images, model, image =>
        {
            var views = new float[FlippedViews.Count * image.Length];
            FlippedViews.Write(image, 40, views);
            return [.. views.Chunk(image.Length)];
        });
    }

    [TestMethod]
    public void Create_OblongImages_ScoresTheMeanOfThreeImages()
    {
        MultiTaskModel single = TestModels.Small(filters: [2, 3]), model = WithViews(single);

        AssertMeans(single, OnnxRun.RandomImages(single, 3, seed: 6), model, image => [image, Mirrored(image), Flipped(image)]);
    }

    /// <summary>The network cuts a border off and reads squares, so that there is a transposed view of oblong images too.</summary>
    [TestMethod]
    public void Create_OblongImagesResizedToSquares_EqualsTorchsViewsOfWhatTheNetworkReads()
    {
        NetworkSpec spec = NetworkSpec.Gated([5, 3, 2, 3, 3, 3, 3, 2], [2, 3], GateMode.Learned, 3, 0) with
        {
            LabelCounts = [.. Taxonomy.Derm7pt.Tasks.Select(task => task.Labels.Count)],
            Input = new MLNet.Networks.ImageInput(Border: 2, Extent: 24),
            TestTimeAugmentation = true,
        };
        MultiTaskModel model = TestModels.Create(Taxonomy.Derm7pt, spec, seed: 4, TestModels.Height, TestModels.Width);
        float[][] images = OnnxRun.RandomImages(model, 2, seed: 7);
        var outputs = OnnxRun.Run(ModelFile.Write(model), model, images);

        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        using var network = new TorchNetwork(spec, seed: 0, type: ScalarType.Float64);
        network.Restore(model.Members[0].State);
        Tensor read = network.Prepare(tensor([.. images.SelectMany(x => x)], [2, 3, TestModels.Height, TestModels.Width]).to(float64));
        Tensor[] views = [read, read.flip(3), read.flip(2), read.transpose(2, 3)];
        for (int task = 0; task < model.Taxonomy.Tasks.Count; task++)
        {
            Tensor mean = stack(views.Select(view => network.Forward(view).Logits[task].softmax(1)).ToArray()).mean([0]);
            AssertClose(mean.flatten().data<double>().ToArray(), outputs[$"{model.Taxonomy.Tasks[task].Name}Score"].Values, Tolerance);
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Forward_AnyImages_EqualsTheGraphsViews(bool includesTransposed)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = arange(2 * 3 * 5 * 5, float32).reshape(2, 3, 5, 5);

        Tensor views = new ImageViews(includesTransposed).Forward(images);

        Tensor[] expected = [images, images.flip(3), images.flip(2), images.transpose(2, 3)];
        CollectionAssert.AreEqual(
            cat(includesTransposed ? expected : expected[..3], 0).flatten().data<float>().ToArray(), views.flatten().data<float>().ToArray());
    }

    [TestMethod]
    public void Write_ModelWithViews_KeepsThemAndIsRefusedByOlderReaders()
    {
        MultiTaskModel model = WithViews(TestModels.Small());

        SavedModel read = ModelFile.Read(ModelFile.Write(model), "x");

        Assert.IsTrue(read.Model.Network.TestTimeAugmentation);
        CollectionAssert.AreEqual(ModelFile.Write(model), read.Onnx);
        Assert.AreEqual("4", Metadata(ModelFile.Write(model), ModelFile.FormatVersionKey));
        Assert.AreEqual("3", Metadata(ModelFile.Write(TestModels.Small()), ModelFile.FormatVersionKey));
        Assert.DoesNotContain("testTimeAugmentation", Metadata(ModelFile.Write(TestModels.Small()), ModelFile.NetworkKey));
    }

    [TestMethod]
    public void Fit_WithViews_TrainsTheSameWeightsAndScoresOtherwise()
    {
        Derm7ptMultiTaskEstimator.Options options = TinyCases.Options(maximumEpochs: 2);
        using var folder = new TemporaryFolder();
        Derm7ptMultiTaskEstimator.Options withViews = options.With(
            network: n => new NetworkOptions(n) { TestTimeAugmentation = true },
            runtime: r => new RuntimeOptions(r) { CheckpointPath = folder.File("run.ckpt") });
        using Derm7ptMultiTaskTransformer plain = TinyCases.Fit(options.With(runtime: r => new RuntimeOptions(r) { CheckpointPath = folder.File("run.ckpt") }));

        // The checkpoint is that of the run without views, which trains alike.
        using Derm7ptMultiTaskTransformer model = TinyCases.Fit(withViews);

        TinyCases.AreSameWeights(plain, model);
        Assert.IsTrue(model.Recipe!.Network.TestTimeAugmentation);
        float[][] scores = TinyRun.Scores(model.Transform(TinyCases.View(8)));
        Assert.IsTrue(scores.Zip(TinyRun.Scores(plain.Transform(TinyCases.View(8)))).Any(pair => !pair.First.SequenceEqual(pair.Second)));

        // Saved, ML.NET alone scores the same.
        TinyCases.Ml.Model.Save(model, TinyCases.View(8).Schema, folder.File("model.zip"));
        ITransformer chain = new MLContext().Model.Load(folder.File("model.zip"), out _);
        TinyRun.AssertEqual(scores, TinyRun.Scores(chain.Transform(TinyCases.View(8))), 1e-6f);
    }

    internal static MultiTaskModel WithViews(MultiTaskModel model) => model with { Network = model.Network with { TestTimeAugmentation = true } };

    private static void AssertMeans(MultiTaskModel single, float[][] images, MultiTaskModel model, Func<float[], float[][]> views)
    {
        var outputs = OnnxRun.Run(ModelFile.Write(model), model, images);
        byte[] alone = ModelFile.Write(single);
        for (int image = 0; image < images.Length; image++)
        {
            var separate = views(images[image]).Select(view => OnnxRun.Run(alone, single, view)).ToArray();
            foreach (ClassificationTask task in single.Taxonomy.Tasks)
            {
                string score = $"{task.Name}Score";
                double[] mean = [.. Enumerable.Range(0, task.Labels.Count).Select(label => separate.Average(output => output[score].Values[label]))];
                double[] actual = outputs[score].Values[(image * task.Labels.Count)..((image + 1) * task.Labels.Count)];
                AssertClose(mean, actual, Tolerance);
                Assert.AreEqual(Array.IndexOf(actual, actual.Max()), (int)outputs[$"{task.Name}PredictedLabel"].Values[image]);
            }
        }
    }

    private static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], tolerance, $"value {i}");
    }

    private static float[] Mirrored(float[] image) => [.. image.Chunk(TestModels.Width).SelectMany(row => row.Reverse())];

    private static float[] Flipped(float[] image) =>
        [.. image.Chunk(TestModels.Height * TestModels.Width).SelectMany(plane => plane.Chunk(TestModels.Width).Reverse().SelectMany(row => row))];

    private static string Metadata(byte[] onnx, string key) =>
        MLNet.Onnx.ModelProto.Parser.ParseFrom(onnx).MetadataProps.Single(entry => entry.Key == key).Value;
}
