using Derm7pt.MLNet.Interpretation;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tests.Networks;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Tests.Interpretation;

[TestClass]
public sealed class GradCamTests
{
    private const int Extent = 64;

    private static readonly float[] Image = TestNetworks.Pixels(1, Extent, seed: 9).data<float>().ToArray();

    // The definition with numerical derivatives: w_k is the mean of ∂y/∂A_k, and the derivative of y along "all of A_k
    // grows alike" is the sum of ∂y/∂A_k over positions. The features are fed into the rest of the literal network.
    [TestMethod]
    public void Explain_LastBlock_IsTheDefinitionWithNumericalDerivatives()
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = Source();
        MultiTaskModel model = Model(network);
        using var gradCam = new GradCam(model);
        int last = network.Spec.BlockCount - 1, task = 2, label = 0;

        Tensor features = network.Forward(tensor(Image, [1, 3, Extent, Extent])).Features[last].detach();
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
        using TorchNetwork network = Source();
        MultiTaskModel model = Model(network);
        using var gradCam = new GradCam(model);
        foreach (ClassificationTask task in model.Taxonomy.Tasks)
        {
            for (int block = 0; block < network.Spec.BlockCount; block++)
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
        using TorchNetwork network = Source();
        MultiTaskModel model = Model(network);
        using TorchNetwork other = Source(seed: 77);
        using GradCam trained = new(model), randomized = new(Model(other));

        double[] similarity = [.. from task in model.Taxonomy.Tasks
                                  from label in Enumerable.Range(0, task.Labels.Count)
                                  let a = trained.Explain(Image, task.Name, label, 1).Values.ToArray()
                                  let b = randomized.Explain(Image, task.Name, label, 1).Values.ToArray()
                                  where a.Max() > 0 && b.Max() > 0
                                  select Correlation(a, b)];

        // If a label's logit decreases with all features, the map is zero and carries no information.
        Assert.IsGreaterThan(5, similarity.Length);
        Assert.IsLessThan(0.5, similarity.Average());
        Assert.AreEqual(1, Correlation(
            trained.Explain(Image, "Streaks", 1, 1).Values.ToArray(), trained.Explain(Image, "Streaks", 1, 1).Values.ToArray()), 1e-9);
    }

    [TestMethod]
    public void Explain_UnknownTask_NamesThoseThereAre()
    {
        using TorchNetwork network = Source();
        using var gradCam = new GradCam(Model(network));

        var e = Assert.ThrowsExactly<ArgumentException>(() => gradCam.Explain(Image, "Colour"));

        StringAssert.Contains(e.Message, "There is no task 'Colour'; the tasks are Diagnosis, PigmentNetwork");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => gradCam.Explain(Image, "Streaks", label: 3));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => gradCam.Explain(Image, "Streaks", block: 3));
        Assert.ThrowsExactly<ArgumentException>(() => gradCam.Explain(new float[5], "Streaks"));
    }

    private static TorchNetwork Source(int seed = 7)
    {
        NetworkSpec shape = TestNetworks.Spec(GateMode.Learned) with { LabelCounts = [.. Taxonomy.Derm7pt.Tasks.Select(task => task.Labels.Count)] };
        TorchNetwork network = TestNetworks.Random(GateMode.Learned, seed, shape);
        network.IsTraining = false;
        return network;
    }

    private static MultiTaskModel Model(TorchNetwork network) => new(
        Taxonomy.Derm7pt, network.Spec, Extent, Extent, [new ModelMember(network.Capture(), new TrainingHistory([], 0))]);

    private static double Correlation(float[] a, float[] b)
    {
        double meanA = a.Average(), meanB = b.Average();
        double covariance = a.Zip(b).Sum(pair => (pair.First - meanA) * (pair.Second - meanB));
        return covariance / Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(x => (x - meanB) * (x - meanB)));
    }

    /// <summary>Computes the layers after the last block, written out literally.</summary>
    private static class LiteralHead
    {
        public static Tensor Logits(TorchNetwork network, Tensor features, int task)
        {
            Dictionary<string, Tensor> weights = LiteralNetwork.Weights(network);
            string last = NetworkSpec.SharingPath(network.Spec.BlockCount - 1);
            (Tensor mean, Tensor variance) = (weights[$"{last}.running_mean"], weights[$"{last}.running_var"]);
            Tensor normalized = (features - mean.reshape(1, -1, 1, 1)) / (variance.reshape(1, -1, 1, 1) + 1e-5).sqrt();
            Tensor gated = normalized * LiteralNetwork.Alpha(weights, network.Spec, network.Spec.BlockCount - 1, task).reshape(1, -1, 1, 1);
            return LiteralNetwork.Head(weights, gated, task);
        }
    }
}
