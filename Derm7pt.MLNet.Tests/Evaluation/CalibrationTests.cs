using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet.Tests.Evaluation;

[TestClass]
public sealed class CalibrationTests
{
    // By hand, two bins (0, ½] and (½, 1]: confidences 0, 0.2, 0.5 with one hit (mean 7/30, accuracy 1/3); 0.8, 1 with two
    // hits (mean 0.9, accuracy 1). ECE = 3/5 · 0.1 + 2/5 · 0.1; the bin of 0.5 shows whether intervals include their upper bound.
    [TestMethod]
    public void Errors_SmallExample_AreTheHandComputedValues()
    {
        var calibration = new Calibration([0, 0.2, 0.5, 0.8, 1], [false, false, true, true, true], binCount: 2);

        Assert.HasCount(2, calibration.Bins);
        Assert.AreEqual((0.0, 0.5, 3), (calibration.Bins[0].Lower, calibration.Bins[0].Upper, calibration.Bins[0].Count));
        Assert.AreEqual(0.7 / 3, calibration.Bins[0].MeanConfidence, 1e-12);
        Assert.AreEqual(1 / 3.0, calibration.Bins[0].Accuracy, 1e-12);
        Assert.AreEqual(0.1, calibration.Bins[1].Gap, 1e-12);
        Assert.AreEqual(0.1, calibration.ExpectedError, 1e-12);
        Assert.AreEqual(0.1, calibration.MaximumError, 1e-12);
    }

    // Oracle: hits are drawn with the stated probability, so the error is sampling noise, which falls as 1/√n; with 15 bins of
    // n/15 cases its mean is below √(15/n)/2.
    [TestMethod]
    [DataRow(2000)]
    [DataRow(200000)]
    public void ExpectedError_CalibratedPredictor_GoesToZero(int count)
    {
        var random = new Random(1);
        double[] confidences = [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
        bool[] hits = Array.ConvertAll(confidences, confidence => random.NextDouble() < confidence);

        var calibration = new Calibration(confidences, hits, binCount: 15);

        Assert.IsLessThan(Math.Sqrt(15.0 / count) / 2, calibration.ExpectedError);
        Assert.AreEqual(count, calibration.Bins.Sum(bin => bin.Count));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(10)]
    public void ExpectedError_ConstantConfidence_IsTheGap(int bins) =>
        Assert.AreEqual(0.9 - 0.25, new Calibration([0.9, 0.9, 0.9, 0.9], [true, false, false, false], bins).ExpectedError, 1e-12);

    [TestMethod]
    public void ExpectedError_NoCases_IsNaN()
    {
        Assert.IsTrue(double.IsNaN(new Calibration([], [], 3).ExpectedError));
        Assert.IsTrue(double.IsNaN(new Calibration([], [], 3).MaximumError));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Calibration([], [], 0));
        Assert.ThrowsExactly<ArgumentException>(() => new Calibration([0.5], [], 3));
    }
}
