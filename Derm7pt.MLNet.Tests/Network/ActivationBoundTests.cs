using Derm7pt.MLNet.Network;

namespace Derm7pt.MLNet.Tests.Network;

[TestClass]
public sealed class ActivationBoundTests
{
    [TestMethod]
    public void Of_WhiteImageAndPositiveWeights_IsTheLargestLogit()
    {
        // With weights of one value w and no biases every layer multiplies by w and the number of values it reads.
        const float W = 0.5f;
        FoldedNetwork network = Constant(W, bias: 0);

        double expected = W * 3 * 25;       // block 1
        expected *= W * 2 * W * 4 * 9;      // block 2: mixes 2 tasks' channel, then reads 4 channels of 3×3
        expected *= W * 2;                  // the head mixes
        expected *= W * 4;                  // dense
        expected *= W * 4;                  // logits
        Assert.AreEqual(expected, ActivationBound.Of(network), 1e-6 * expected);
    }

    [TestMethod]
    public void Of_NegativeWeights_IsThatOfPositiveOnes() =>
        Assert.AreEqual(ActivationBound.Of(Constant(0.5f, 1)), ActivationBound.Of(Constant(-0.5f, -1)));

    [TestMethod]
    public void Of_TrainedSizes_IsFarBelowTheLimit()
    {
        using GatedMultiTaskNetwork network =
            Networks.Random(GateMode.Learned, shape: Networks.Shape(GateMode.Learned, [8, 16, 32, 64]));
        Assert.IsLessThan(1e20, ActivationBound.Of(NetworkFolding.Fold(network, 128, 128)));
    }

    private static FoldedNetwork Constant(float weight, float bias)
    {
        return new FoldedNetwork(
            2, 32, 32,
            [
                new FoldedBlock(null, null, Filled(weight, 2, 3, 5, 5), 2, 1),
                new FoldedBlock(Filled(weight, 8, 2, 1, 1), Filled(bias, 8), Filled(weight, 2, 4, 3, 3), 1, 2),
            ],
            new FoldedHead(
                Filled(weight, 8, 2, 1, 1), Filled(bias, 8), Filled(weight, 8, 4), Filled(bias, 8),
                [Filled(weight, 3, 4), Filled(weight, 2, 4)], [Filled(bias, 3), Filled(bias, 2)]),
            []);

        static NamedTensor Filled(float value, params long[] shape) =>
            new("x", [.. shape], [.. Enumerable.Repeat(value, (int)shape.Aggregate((x, y) => x * y))]);
    }
}
