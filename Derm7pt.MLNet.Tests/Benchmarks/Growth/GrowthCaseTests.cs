using Derm7pt.MLNet.Benchmarks.Growth;
using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Tests.Training;

namespace Derm7pt.MLNet.Tests.Benchmarks.Growth;

[TestClass]
public class GrowthCaseTests
{
    [TestMethod]
    public void LogLogSlope_PowerLaw_IsItsPower() =>
        Assert.AreEqual(1.5, GrowthCase.LogLogSlope([1, 2, 4, 8], [.. new double[] { 1, 2, 4, 8 }.Select(x => 3 * Math.Pow(x, 1.5))]), 1e-12);

    [TestMethod]
    public void Write_TwoCurves_LeavesNoPlaceholderColours()
    {
        using var folder = new TemporaryFolder();
        GrowthPoint[] points = [.. new[] { 10, 20, 40 }.Select(n => new GrowthPoint($"{n}", n, n, new Spread(n, n, n)))];

        GrowthPlot.Write(
            new DirectoryInfo(folder.Path), "plot", "cases", "time, s",
            [new GrowthCurve("training", "s", "cases", points, 1, 1), new GrowthCurve("scoring", "s", "cases", points, 1, 1)]);

        string svg = File.ReadAllText(folder.File("plot.svg"));
        Assert.DoesNotContain("rgb(1,0,", svg);
        Assert.Contains(">time, s<", svg);
        Assert.Contains(">20<", svg);
    }
}
