using Derm7pt.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class FocalLossTests
{
    // By hand: softmax(ln 1, ln 2, ln 5) = 1/8, 2/8, 5/8. Case 0 (label 2): (3/8)² · ln(8/5) · 1 = 0.06609427;
    // case 1 (label 0): (7/8)² · ln 8 · 3 = 4.77621726; the mean of both is 2.42115577.
    [TestMethod]
    public void Mean_FocusingTwo_IsTheHandComputedValue()
    {
        using DisposeScope scope = NewDisposeScope();
        float[] row = [0, MathF.Log(2), MathF.Log(5)];
        Tensor logits = tensor([.. row, .. row], [2, 3]);
        double expected = (((9 / 64.0) * Math.Log(8 / 5.0)) + (3 * (49 / 64.0) * Math.Log(8))) / 2;

        double actual = FocalLoss.Mean(logits, tensor(new long[] { 2, 0 }), tensor(new[] { 1f, 3f }), 2, focusing: 2).ToDouble();

        Assert.AreEqual(2.42115577, expected, 1e-7);
        Assert.AreEqual(expected, actual, 1e-6);
    }

    [TestMethod]
    public void Mean_FocusingZero_IsCrossEntropy()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tensor([0.5f, -1, 2, 0, 0, 3], [2, 3]);
        Tensor labels = tensor(new long[] { 1, 2 });

        double expected = nn.functional.cross_entropy(logits, labels).ToDouble();

        Assert.AreEqual(expected, FocalLoss.Mean(logits, labels, ones(2), 2, focusing: 0).ToDouble(), 1e-6);
    }

    [TestMethod]
    [DataRow(0.1)]
    [DataRow(0.9)]
    public void Mean_SmoothedAndFocusingZero_IsTorchsSmoothedCrossEntropy(double smoothing)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tensor([0.5f, -1, 2, 0, 0, 3], [2, 3]);
        Tensor labels = tensor(new long[] { 1, 2 });

        double expected = nn.functional.cross_entropy(logits, labels, label_smoothing: smoothing).ToDouble();

        Assert.AreEqual(expected, FocalLoss.Mean(logits, labels, ones(2), 2, focusing: 0, smoothing).ToDouble(), 1e-6);
    }

    // By hand, with probabilities 1/8, 2/8, 5/8 as above, the label 2, ε = 0.3 and so targets 0.1, 0.1 and 0.8.
    [TestMethod]
    public void Mean_SmoothedAndFocusingTwo_IsTheTargetsSumOfFocalLosses()
    {
        using DisposeScope scope = NewDisposeScope();
        double expected = (0.1 * (49 / 64.0) * Math.Log(8)) + (0.1 * (36 / 64.0) * Math.Log(4)) + (0.8 * (9 / 64.0) * Math.Log(8 / 5.0));

        double actual = FocalLoss.Mean(
            tensor([0, MathF.Log(2), MathF.Log(5)], [1, 3]), tensor(new long[] { 2 }), ones(1), 1, focusing: 2, smoothing: 0.3).ToDouble();

        Assert.AreEqual(expected, actual, 1e-6);
    }

    [TestMethod]
    public void Mean_SmoothedAndCertain_HasFiniteGradients()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tensor([200f, 0, 0], [1, 3], requires_grad: true);

        FocalLoss.Mean(logits, tensor(new long[] { 0 }), ones(1), 1, focusing: 2, smoothing: 0.1).backward();

        Assert.IsTrue(logits.grad!.isfinite().all().ToBoolean());
    }

    [TestMethod]
    public void Mean_CertainAndRight_HasFiniteZeroGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tensor([200f, 0, 0], [1, 3], requires_grad: true);

        Tensor loss = FocalLoss.Mean(logits, tensor(new long[] { 0 }), ones(1), 1, focusing: 2);
        loss.backward();

        Assert.AreEqual(0, loss.ToDouble());
        Assert.AreEqual(0, logits.grad!.abs().max().ToDouble());
    }

    [TestMethod]
    public void Mean_NoCaseLabelled_IsZero()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.AreEqual(0, FocalLoss.Mean(zeros(2, 3), zeros(2, int64), zeros(2), 0, focusing: 2).ToDouble());
    }
}
