using Derm7pt.MLNet.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Network;

/// <summary>What is different while training: running averages and dropout.</summary>
[TestClass]
public sealed class TrainingModeTests
{
    // The paper's momentum of 0.9 weighs the old value: new = 0.9 · old + 0.1 · batch.
    [TestMethod]
    public void Normalize_WhileTraining_MovesRunningAveragesByATenth()
    {
        using DisposeScope scope = NewDisposeScope();
        using var gate = new GateBlock(2, 3, GateMode.Learned, 3);
        Tensor features = rand(4, 6, 5, 5) + 2;
        gate.train();

        gate.Normalize(features);

        (Tensor mean, Tensor variance) = gate.RunningStatistics;
        Tensor batchMean = features.mean([0, 2, 3]);
        // Torch's running variance is the unbiased one: divided by N·h·w − 1.
        Tensor batchVariance = (features - batchMean.reshape(1, -1, 1, 1)).square().sum([0, 2, 3]) / ((4 * 5 * 5) - 1);
        Assert.IsLessThan(1e-5, (mean - (0.1 * batchMean)).abs().max().ToDouble());
        Assert.IsLessThan(1e-5, (variance - (0.9 + (0.1 * batchVariance))).abs().max().ToDouble());
    }

    [TestMethod]
    public void Normalize_Scoring_LeavesRunningAverages()
    {
        using DisposeScope scope = NewDisposeScope();
        using var gate = new GateBlock(2, 3, GateMode.Learned, 3);
        gate.eval();

        gate.Normalize(rand(4, 6, 5, 5) + 2);

        Assert.AreEqual(0, gate.RunningStatistics.Mean.abs().max().ToDouble());
    }

    [TestMethod]
    public void Forward_Dropout_IsUnbiasedSeededAndOffWhenScoring()
    {
        using DisposeScope scope = NewDisposeScope();
        using GatedMultiTaskNetwork network = Networks.Random(GateMode.Learned);
        Tensor pixels = Networks.Pixels(2, 64);
        using var generator = new Generator(5);
        network.eval();
        Tensor scoring = network.forward(pixels).Logits[0];

        Assert.AreEqual(0, (network.Forward(pixels, generator).Logits[0] - scoring).abs().max().ToDouble());

        network.train();
        Tensor first = network.Forward(pixels, new Generator(5)).Logits[0], again = network.Forward(pixels, new Generator(5)).Logits[0];
        Assert.AreEqual(0, (first - again).abs().max().ToDouble());
        Assert.IsGreaterThan(0, (first - network.Forward(pixels, new Generator(6)).Logits[0]).abs().max().ToDouble());
    }

    [TestMethod]
    public void Drop_ManyUnits_KeepsItsShareScaledByItsInverse()
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(5);

        Tensor dropped = TaskHeads.Drop(ones(200, 500), 0.3, generator);

        // 100,000 units: five standard deviations of the share kept are 0.0073.
        Assert.AreEqual(0.7, dropped.gt(0).to(float32).mean().ToDouble(), 0.0073);
        Assert.AreEqual(1 / 0.7, dropped.max().ToDouble(), 1e-6);
        Assert.AreEqual(1, dropped.mean().ToDouble(), 0.011);
    }
}
