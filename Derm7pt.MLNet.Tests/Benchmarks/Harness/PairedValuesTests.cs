using Derm7pt.MLNet.Benchmarks.Harness;

namespace Derm7pt.MLNet.Tests.Benchmarks.Harness;

[TestClass]
public class PairedValuesTests
{
    [TestMethod]
    public void Ratio_MachineSlowsDown_IsThatOfTheRounds()
    {
        var values = new PairedValues(3);
        values.Add(1, 3);
        values.Add(10, 30);
        values.Add(2, 2);

        Assert.AreEqual(3, values.Ratio(RatioKind.BaselineToOurs));
        Assert.AreEqual(1 / 3.0, values.Ratio(RatioKind.OursToBaseline), 1e-12);
        Assert.AreEqual(new Spread(2, 1, 10), values.Ours);
    }

    [TestMethod]
    public void Met_RatioAtTheLimit_IsTrue()
    {
        Assert.IsTrue(Target.AtLeast(2.5).IsMetBy(2.5));
        Assert.IsFalse(Target.AtLeast(2.5).IsMetBy(2.49));
        Assert.IsTrue(Target.AtMost(0.5).IsMetBy(0.5));
        Assert.IsFalse(Target.AtMost(0.5).IsMetBy(0.51));
    }
}
