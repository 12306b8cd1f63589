using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet.Tests.Evaluation;

[TestClass]
public sealed class CrossValidationSummaryTests
{
    [TestMethod]
    public void MeasureSummary_Runs_HasTheValuesWorkedOutByHand()
    {
        // Mean 4, squared deviations 4 + 0 + 4, divided by 2.
        var summary = new MeasureSummary("task", "Streaks", "accuracy", [2, 4, double.NaN, 6], [3, 7]);

        Assert.AreEqual(4, summary.Mean);
        Assert.AreEqual(2, summary.StandardDeviation, 1e-12);
        Assert.AreEqual((2, 6), (summary.Minimum, summary.Maximum));
        Assert.AreEqual(5, summary.Pooled);
    }

    [TestMethod]
    public void MeasureSummary_OneRunOrNone_HasNoDeviation()
    {
        var one = new MeasureSummary("task", "Streaks", "accuracy", [0.5, double.NaN], [0.5]);
        var none = new MeasureSummary("task", "Streaks", "accuracy", [double.NaN], [double.NaN]);

        Assert.AreEqual((0.5, double.NaN), (one.Mean, one.StandardDeviation));
        Assert.AreEqual((double.NaN, double.NaN, double.NaN, double.NaN), (none.Mean, none.Minimum, none.Maximum, none.Pooled));
    }
}
