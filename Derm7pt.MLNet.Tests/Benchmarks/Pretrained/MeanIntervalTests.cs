using Derm7pt.MLNet.Benchmarks.Pretrained;

namespace Derm7pt.MLNet.Tests.Benchmarks.Pretrained;

[TestClass]
public sealed class MeanIntervalTests
{
    // The standard deviation of 1, 2 and 3 is 1, so half of the interval is 4.303 / √3.
    [TestMethod]
    public void Of_ThreeValues_IsStudentsInterval()
    {
        var interval = MeanInterval.Of([3, 1, 2]);

        Assert.AreEqual(2, interval.Estimate, 1e-12);
        Assert.AreEqual(2 - 2.4843, interval.Lower, 1e-4);
        Assert.AreEqual(2 + 2.4843, interval.Upper, 1e-4);
        Assert.AreEqual("2.000 [-0.484, 4.484]", interval.ToString());
    }

    [TestMethod]
    public void Of_EqualValues_HasNoWidth() => Assert.AreEqual(new MeanInterval(0.5, 0.5, 0.5), MeanInterval.Of([.. Enumerable.Repeat(0.5, 10)]));

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(11)]
    public void Of_TooFewOrTooMany_Throws(int count) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => MeanInterval.Of(new double[count]));
}
