namespace Derm7pt.MLNet.Tests.Evaluation;

[TestClass]
public sealed class ConfusionCountsTests
{
    // By hand, truth 0: 3 right, 1 as 1; truth 1: 1 as 0, 1 right; truth 2: 2 as 0.
    // Recalls 3/4, 1/2, 0; precisions 3/6, 1/2, 0; F1 6/10, 2/4, 0.
    [TestMethod]
    public void Measures_SmallTable_AreTheHandComputedValues()
    {
        var counts = new ConfusionCounts(3);
        foreach ((int truth, int predicted) in new[] { (0, 0), (0, 0), (0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 0) })
            counts.Add(truth, predicted);

        Assert.AreEqual(0.5, counts.Accuracy, 1e-12);
        Assert.AreEqual((0.75 + 0.5 + 0) / 3, counts.MacroRecall, 1e-12);
        Assert.AreEqual((0.5 + 0.5 + 0) / 3, counts.MacroPrecision, 1e-12);
        Assert.AreEqual((0.6 + 0.5 + 0) / 3, counts.MacroF1, 1e-12);
    }

    [TestMethod]
    public void MacroF1_LabelThatNeverOccurs_IsLeftOut()
    {
        var counts = new ConfusionCounts(3);
        counts.Add(0, 0);
        counts.Add(1, 1);
        Assert.AreEqual(1, counts.MacroF1);
    }

    [TestMethod]
    public void BalancedAccuracy_LabelOnlyPredicted_LeavesItOut()
    {
        var counts = new ConfusionCounts(3);
        foreach ((int truth, int predicted) in new[] { (0, 0), (0, 0), (0, 2), (1, 0), (1, 1) })
            counts.Add(truth, predicted);

        Assert.AreEqual((2 / 3.0 + 0.5) / 2, counts.BalancedAccuracy, 1e-12);
        Assert.AreEqual((2 / 3.0 + 0.5) / 3, counts.MacroRecall, 1e-12);
        CollectionAssert.AreEqual(new[] { 0.5, 1, 0.8 }, Enumerable.Range(0, 3).Select(counts.Specificity).ToArray());
        Assert.AreEqual(new BinaryCounts(2, 1, 1, 1), counts.OneAgainstRest(0));
        Assert.AreEqual(new BinaryCounts(0, 1, 4, 0), counts.OneAgainstRest(2));
    }
}
