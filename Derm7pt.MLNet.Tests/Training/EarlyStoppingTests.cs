using Derm7pt.MLNet.Training;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class EarlyStoppingTests
{
    [TestMethod]
    public void ShouldStop_LossWithoutImprovement_IsTrueAfterPatience()
    {
        var stopping = new EarlyStopping(EarlyStoppingMetric.ValidationLoss, patience: 3);
        double[] losses = [3, 2, 2.5, 2, 2.1];

        bool[] best = [.. losses.Select((loss, i) => stopping.IsBest(i + 1, Metrics(loss, 0)))];

        CollectionAssert.AreEqual(new[] { true, true, false, false, false }, best);
        Assert.AreEqual(2, stopping.BestEpoch);
        CollectionAssert.AreEqual(new[] { false, false, true, true }, new[] { 3, 4, 5, 6 }.Select(stopping.ShouldStop).ToArray());
    }

    [TestMethod]
    public void IsBest_MacroF1_WatchesTheMeanAndNotTheLoss()
    {
        var stopping = new EarlyStopping(EarlyStoppingMetric.MeanMacroF1, patience: 3);

        Assert.IsTrue(stopping.IsBest(1, Metrics(1, 0.2, 0.4)));
        Assert.IsFalse(stopping.IsBest(2, Metrics(0.5, 0.3, 0.3)));
        Assert.IsTrue(stopping.IsBest(3, Metrics(2, 0.9, 0)));
        Assert.AreEqual(3, stopping.BestEpoch);
    }

    [TestMethod]
    public void IsBest_NotANumber_IsNeverTheBest()
    {
        var stopping = new EarlyStopping(EarlyStoppingMetric.ValidationLoss, patience: 2);

        Assert.IsFalse(stopping.IsBest(1, Metrics(double.NaN, 0)));
        Assert.IsFalse(stopping.ShouldStop(1));
        Assert.IsFalse(stopping.IsBest(2, Metrics(double.NaN, 0)));
        Assert.IsTrue(stopping.ShouldStop(2));
        Assert.AreEqual(0, stopping.BestEpoch);
    }

    [TestMethod]
    public void IsBest_WithoutValidation_IsAlwaysTrue()
    {
        var stopping = new EarlyStopping(EarlyStoppingMetric.ValidationLoss, patience: 1);

        for (int epoch = 1; epoch < 5; epoch++)
        {
            Assert.IsTrue(stopping.IsBest(epoch, metrics: null));
            Assert.IsFalse(stopping.ShouldStop(epoch));
        }
    }

    private static ValidationMetrics Metrics(double loss, params double[] macroF1) => new(loss, [], macroF1, []);
}
