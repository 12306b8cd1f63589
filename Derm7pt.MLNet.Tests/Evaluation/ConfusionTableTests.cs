using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet.Tests.Evaluation;

[TestClass]
public sealed class ConfusionTableTests
{
    // By hand, truth 0: 3 right, 1 as 1; truth 1: 1 as 0, 1 right; truth 2: 2 as 0.
    // Recalls 3/4, 1/2, 0; precisions 3/6, 1/2, 0; F1 6/10, 2/4, 0.
    [TestMethod]
    public void Measures_SmallTable_AreTheHandComputedValues()
    {
        ConfusionTable counts = Empty("a", "b", "c");
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
        ConfusionTable counts = Empty("a", "b", "c");
        counts.Add(0, 0);
        counts.Add(1, 1);
        Assert.AreEqual(1, counts.MacroF1);
    }

    [TestMethod]
    public void BalancedAccuracy_LabelOnlyPredicted_LeavesItOut()
    {
        ConfusionTable counts = Empty("a", "b", "c");
        foreach ((int truth, int predicted) in new[] { (0, 0), (0, 0), (0, 2), (1, 0), (1, 1) })
            counts.Add(truth, predicted);

        Assert.AreEqual((2 / 3.0 + 0.5) / 2, counts.BalancedAccuracy, 1e-12);
        Assert.AreEqual((2 / 3.0 + 0.5) / 3, counts.MacroRecall, 1e-12);
        CollectionAssert.AreEqual(
            new[] { 0.5, 1, 0.8 }, Enumerable.Range(0, 3).Select(label => counts.OneAgainstRest(label).Specificity).ToArray());
        Assert.AreEqual("TP 2, FP 1, TN 1, FN 1", counts.OneAgainstRest(0).ToString());
        Assert.AreEqual("TP 0, FP 1, TN 4, FN 0", counts.OneAgainstRest(2).ToString());
    }

    // By hand: the widths are those of "true \ predicted" (16), "absent" (6), "very irregular" (14) and "sum" (3).
    [TestMethod]
    public void ToString_SmallTable_AlignsNamesAndCounts()
    {
        ConfusionTable table = Empty("absent", "very irregular");
        foreach ((int truth, int predicted, int times) in new[] { (0, 0, 120), (0, 1, 3), (1, 1, 7) })
            table.Add(truth, predicted, times);

        Assert.AreEqual(
            """
            true \ predicted  absent  very irregular  sum
            absent               120               3  123
            very irregular         0               7    7
            sum                  120              10  130
            """.ReplaceLineEndings("\n"),
            table.ToString());
    }

    private static ConfusionTable Empty(params string[] labels) =>
        new([.. labels.Select(name => new TaskLabel(name, name, score: 0, isMelanoma: false, rawValues: []))]);
}
