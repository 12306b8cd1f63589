using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet.Tests.Evaluation;

[TestClass]
public sealed class BinaryCountsTests
{
    // By hand: TP 20, FP 180, TN 1820, FN 10, the worked example of a screening test in Wikipedia's "Sensitivity and
    // specificity": sensitivity 67 %, specificity 91 %, PPV 10 %, NPV 99.5 %, accuracy 90.6 %, F1 0.174.
    [TestMethod]
    public void Measures_ScreeningExample_AreTheWorkedValues()
    {
        var counts = new BinaryCounts(20, 180, 1820, 10);

        Assert.AreEqual(2030, counts.Total);
        Assert.AreEqual(2 / 3.0, counts.Sensitivity, 1e-12);
        Assert.AreEqual(0.91, counts.Specificity, 1e-12);
        Assert.AreEqual(0.1, counts.PositivePredictiveValue, 1e-12);
        Assert.AreEqual(0.9945, counts.NegativePredictiveValue, 5e-5);
        Assert.AreEqual(0.906, counts.Accuracy, 5e-4);
        Assert.AreEqual(0.174, counts.F1, 5e-4);
        Assert.AreEqual((2 / 3.0 + 0.91) / 2, counts.BalancedAccuracy, 1e-12);
    }

    [TestMethod]
    public void Measures_DenominatorZero_AreNaN()
    {
        var noPositives = new BinaryCounts(0, 0, 5, 0);

        Assert.IsTrue(double.IsNaN(noPositives.Sensitivity));
        Assert.IsTrue(double.IsNaN(noPositives.PositivePredictiveValue));
        Assert.IsTrue(double.IsNaN(noPositives.F1));
        Assert.AreEqual(1, noPositives.Specificity);
        Assert.IsTrue(double.IsNaN(new BinaryCounts(0, 0, 0, 0).Accuracy));
    }

    [TestMethod]
    public void Count_Decisions_CountsEachKind() =>
        Assert.AreEqual(
            "TP 1, FP 2, TN 1, FN 1",
            BinaryCounts.Count([true, true, true, false, false], [true, false, false, false, true]).ToString());
}
