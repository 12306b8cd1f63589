using Derm7pt.MLNet.Network;
using Derm7pt.MLNet.Persistence;
using Derm7pt.MLNet.Tests.Network;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Tests.Interpretation;

[TestClass]
public sealed class GradCamTests
{
    private const int Extent = 64;

    private static readonly float[] Image = Networks.Pixels(1, Extent, seed: 9).data<float>().ToArray();

    // The definition with numerical derivatives: w_k is the mean of ∂y/∂A_k, and the derivative of y along "all of A_k
    // grows alike" is the sum of ∂y/∂A_k over positions. The features are fed into the rest of the literal network.
    [TestMethod]
    public void Explain_LastBlock_IsTheDefinitionWithNumericalDerivatives()
    {
        using DisposeScope scope = NewDisposeScope();
        using GatedMultiTaskNetwork network = Source();
        MultiTaskModel model = Model(network);
        using var gradCam = new GradCam(model);
        int last = network.Shape.BlockCount - 1, task = 2, label = 1;

        Tensor features = network.forward(tensor(Image, [1, 3, Extent, Extent])).Features[last].detach();
        long channels = features.shape[1], positions = features.shape[2] * features.shape[3];
        var weights = new double[channels];
        const float Step = 1e-2f;
        for (int channel = 0; channel < channels; channel++)
        {
            weights[channel] = (Logit(+Step) - Logit(-Step)) / (2 * Step) / positions;

            double Logit(float step)
            {
                Tensor moved = features.clone();
                moved[0, channel].add_(step);
                return LiteralHead.Logits(network, moved, task)[0, label].ToDouble();
            }
        }

        Tensor map = (features * tensor(Array.ConvertAll(weights, w => (float)w)).reshape(1, -1, 1, 1)).sum(1, keepdim: true).relu();
        Tensor expected = F.interpolate(map, size: [Extent, Extent], mode: InterpolationMode.Bilinear, align_corners: false);
        float[] values = (expected / expected.max()).data<float>().ToArray();

        SaliencyMap actual = gradCam.Explain(Image, model.Taxonomy.Tasks[task].Name, label, last);

        Assert.IsGreaterThan(0, expected.max().ToDouble());
        TinyRun.AssertEqual([values], [actual.Values.ToArray()], 1e-2f);
    }

    [TestMethod]
    public void Explain_AnyBlockAndTask_IsAMapBetweenZeroAndOne()
    {
        using GatedMultiTaskNetwork network = Source();
        MultiTaskModel model = Model(network);
        using var gradCam = new GradCam(model);
        foreach (ClassificationTask task in model.Taxonomy.Tasks)
        {
            for (int block = 0; block < network.Shape.BlockCount; block++)
            {
                SaliencyMap map = gradCam.Explain(Image, task.Name, block: block);
                Assert.AreEqual(Extent * Extent, map.Values.Length);
                Assert.IsTrue(map.Values.ToArray().All(value => value is >= 0 and <= 1));
            }
        }
    }

    // The sanity check of Adebayo et al. (NeurIPS 2018): a map that survives random weights explains the image, not the model.
    [TestMethod]
    public void Explain_RandomizedWeights_DestroysTheMap()
    {
        using GatedMultiTaskNetwork network = Source();
        MultiTaskModel model = Model(network);
        using GatedMultiTaskNetwork other = Source(seed: 77);
        using GradCam trained = new(model), randomized = new(model, NetworkState.Capture(other));

        double[] similarity = [.. from task in model.Taxonomy.Tasks
                                  from label in Enumerable.Range(0, task.Labels.Count)
                                  let a = trained.Explain(Image, task.Name, label, 1).Values.ToArray()
                                  let b = randomized.Explain(Image, task.Name, label, 1).Values.ToArray()
                                  where a.Max() > 0 && b.Max() > 0
                                  select Correlation(a, b)];

        // Where a label's logit falls with all features, the map is zero and says nothing.
        Assert.IsGreaterThan(5, similarity.Length);
        Assert.IsLessThan(0.5, similarity.Average());
        Assert.AreEqual(1, Correlation(
            trained.Explain(Image, "Streaks", 1, 1).Values.ToArray(), trained.Explain(Image, "Streaks", 1, 1).Values.ToArray()), 1e-9);
    }

    [TestMethod]
    public void Explain_UnknownTask_NamesThoseThereAre()
    {
        using GatedMultiTaskNetwork network = Source();
        using var gradCam = new GradCam(Model(network));

        var e = Assert.ThrowsExactly<ArgumentException>(() => gradCam.Explain(Image, "Colour"));

        StringAssert.Contains(e.Message, "There is no task 'Colour'; the tasks are Diagnosis, PigmentNetwork");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => gradCam.Explain(Image, "Streaks", label: 3));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => gradCam.Explain(Image, "Streaks", block: 3));
        Assert.ThrowsExactly<ArgumentException>(() => gradCam.Explain(new float[5], "Streaks"));
    }

    private static GatedMultiTaskNetwork Source(int seed = 7)
    {
        NetworkShape shape = Networks.Shape(GateMode.Learned) with { LabelCounts = [.. Taxonomy.Derm7pt.Tasks.Select(task => task.Labels.Count)] };
        GatedMultiTaskNetwork network = Networks.Random(GateMode.Learned, seed, shape);
        network.eval();
        return network;
    }

    private static MultiTaskModel Model(GatedMultiTaskNetwork network) => new(
        Taxonomy.Derm7pt, network.Shape, NetworkFolding.Fold(network, Extent, Extent), NetworkState.Capture(network),
        new TrainingHistory([], 0), network.ParameterCount);

    private static double Correlation(float[] a, float[] b)
    {
        double meanA = a.Average(), meanB = b.Average();
        double covariance = a.Zip(b).Sum(pair => (pair.First - meanA) * (pair.Second - meanB));
        return covariance / Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(x => (x - meanB) * (x - meanB)));
    }

    /// <summary>What follows the last block, word for word.</summary>
    private static class LiteralHead
    {
        public static Tensor Logits(GatedMultiTaskNetwork network, Tensor features, int task)
        {
            Dictionary<string, Tensor> weights = network.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);
            (Tensor mean, Tensor variance) = network.Sharing[^1].RunningStatistics;
            Tensor normalized = (features - mean.reshape(1, -1, 1, 1)) / (variance.reshape(1, -1, 1, 1) + 1e-5).sqrt();
            Tensor gated = normalized * LiteralNetwork.Alpha(weights, network.Shape, network.Shape.BlockCount - 1, task).reshape(1, -1, 1, 1);
            return LiteralNetwork.Head(weights, gated, task);
        }
    }
}
