using Derm7pt.MLNet.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Networks;

/// <summary>Tests the layers that differ in training mode: running averages and dropout.</summary>
[TestClass]
public sealed class TrainingModeTests
{
    // The paper's momentum of 0.9 weighs the old value: new = 0.9 · old + 0.1 · batch.
    [TestMethod]
    public void Normalize_WhileTraining_MovesRunningAveragesByATenth()
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = OneBlock();
        Tensor features = rand(4, 6, 5, 5) + 2;
        network.IsTraining = true;

        Normalize(network, features);

        (Tensor mean, Tensor variance) = (network["sharing.0.running_mean"], network["sharing.0.running_var"]);
        Tensor batchMean = features.mean([0, 2, 3]);
        // Torch's running variance is unbiased, that is, divided by N·h·w − 1.
        Tensor batchVariance = (features - batchMean.reshape(1, -1, 1, 1)).square().sum([0, 2, 3]) / ((4 * 5 * 5) - 1);
        Assert.IsLessThan(1e-5, (mean - (0.1 * batchMean)).abs().max().ToDouble());
        Assert.IsLessThan(1e-5, (variance - (0.9 + (0.1 * batchVariance))).abs().max().ToDouble());
    }

    [TestMethod]
    public void Normalize_Scoring_LeavesRunningAverages()
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = OneBlock();

        Normalize(network, rand(4, 6, 5, 5) + 2);

        Assert.AreEqual(0, network["sharing.0.running_mean"].abs().max().ToDouble());
    }

    [TestMethod]
    public void Normalize_FrozenPartWhileTraining_LeavesRunningAverages()
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = OneBlock();
        network.IsTraining = true;
        network.Freeze("sharing");

        Normalize(network, rand(4, 6, 5, 5) + 2);

        Assert.AreEqual(0, network["sharing.0.running_mean"].abs().max().ToDouble());
        Assert.IsFalse(network["sharing.0.a"].requires_grad);
        Assert.IsTrue(network["blocks.0.kernel"].requires_grad);
    }

    private static TorchNetwork OneBlock() => new(NetworkSpec.Gated([2, 2], [3], GateMode.Learned, 3, 0.3), seed: 1);

    private static void Normalize(TorchNetwork network, Tensor features) =>
        network.Spec.Sharing.Forward(network.Scope("sharing.0"), features, tasks: 2);

    [TestMethod]
    public void Forward_Dropout_IsUnbiasedSeededAndOffWhenScoring()
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = TestNetworks.Random(GateMode.Learned);
        Tensor pixels = TestNetworks.Pixels(2, 64);
        using var generator = new Generator(5);
        network.IsTraining = false;
        Tensor scoring = network.Forward(pixels).Logits[0];

        network.DropoutGenerator = generator;
        Assert.AreEqual(0, (network.Forward(pixels).Logits[0] - scoring).abs().max().ToDouble());

        network.IsTraining = true;
        Tensor first = Forward(seed: 5), again = Forward(seed: 5);
        Assert.AreEqual(0, (first - again).abs().max().ToDouble());
        Assert.IsGreaterThan(0, (first - Forward(seed: 6)).abs().max().ToDouble());

        Tensor Forward(long seed)
        {
            generator.manual_seed(seed);
            return network.Forward(pixels).Logits[0];
        }
    }

    [TestMethod]
    public void Drop_ManyUnits_KeepsItsShareScaledByItsInverse()
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(5);

        Tensor dropped = ParallelHeads.Drop(ones(200, 500), 0.3, generator);

        // For 100,000 units, five standard deviations of the share of units kept are 0.0073.
        Assert.AreEqual(0.7, dropped.gt(0).to(float32).mean().ToDouble(), 0.0073);
        Assert.AreEqual(1 / 0.7, dropped.max().ToDouble(), 1e-6);
        Assert.AreEqual(1, dropped.mean().ToDouble(), 0.011);
    }
}
