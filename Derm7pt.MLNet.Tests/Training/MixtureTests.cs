using Derm7pt.MLNet.Tests.Networks;
using Derm7pt.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class MixtureTests
{
    [TestMethod]
    public void Mix_Pairs_AddsTheSharesOfBothImages()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = TestNetworks.Pixels(3, 4);

        Tensor mixed = new Mixture([1, 2, 0], [1, 0.25f, 0]).Mix(images);

        Tensor[] expected = [images[0], (0.25 * images[1]) + (0.75 * images[2]), images[0]];
        Assert.IsLessThan(1e-6, (mixed - stack(expected)).abs().max().ToDouble());
    }

    [TestMethod]
    public void OfPartners_Values_AreTheirs()
    {
        var mixture = new Mixture([1, 2, 0], [1, 0.25f, 0]);

        CollectionAssert.AreEqual(new[] { 20, 30, 10 }, mixture.OfPartners([10, 20, 30]));
        CollectionAssert.AreEqual(new[] { 2, 1f, 0 }, mixture.OwnParts([2, 4, 8]));
        CollectionAssert.AreEqual(new[] { 0, 6f, 2 }, mixture.PartnerParts([2, 4, 8]));
    }

    // The own parts of ones are the shares.
    // Beta(α, α) has the mean ½ and the variance 1 / (4·(2·α + 1)).
    [TestMethod]
    [DataRow(0.01)]
    [DataRow(0.2)]
    [DataRow(1.0)]
    [DataRow(8.0)]
    public void Draw_Shares_HaveMeanAndVarianceOfTheBetaDistribution(double alpha)
    {
        const int Count = 40_000;

        float[] shares = Mixture.Draw(Count, alpha, new Random(6)).OwnParts([.. Enumerable.Repeat(1f, Count)]);

        double mean = shares.Average(share => (double)share), variance = shares.Average(share => (share - mean) * (share - mean));
        Assert.IsTrue(shares.All(share => share is >= 0 and <= 1));
        // Five standard errors of the mean, and 5 % of the variance.
        Assert.AreEqual(0.5, mean, 5 * Math.Sqrt(1 / (4 * ((2 * alpha) + 1)) / Count));
        Assert.AreEqual(1 / (4 * ((2 * alpha) + 1)), variance, 0.05 / (4 * ((2 * alpha) + 1)));
    }

    // Beta(1, 1) is the uniform distribution, so each tenth of the range contains a tenth of the shares.
    [TestMethod]
    public void Draw_AlphaOne_IsUniform()
    {
        float[] shares = Mixture.Draw(40_000, 1, new Random(7)).OwnParts([.. Enumerable.Repeat(1f, 40_000)]);

        foreach (IGrouping<int, float> tenth in shares.GroupBy(share => Math.Min(9, (int)(share * 10))))
            Assert.AreEqual(4000, tenth.Count(), 300, $"{tenth.Key}");
    }

    [TestMethod]
    public void Draw_Partners_AreEveryCaseOnce() => CollectionAssert.AreEqual(
        Enumerable.Range(0, 50).ToArray(),
        Mixture.Draw(50, 0.2, new Random(1)).OfPartners([.. Enumerable.Range(0, 50)]).Order().ToArray());

    [TestMethod]
    public void Draw_SameRandom_GivesTheSameMixture() => CollectionAssert.AreEqual(
        Mixture.Draw(20, 0.2, new Random(1)).OwnParts([.. Enumerable.Repeat(1f, 20)]),
        Mixture.Draw(20, 0.2, new Random(1)).OwnParts([.. Enumerable.Repeat(1f, 20)]));
}
