using Derm7pt.MLNet.Tests.Networks;
using Derm7pt.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class AugmentationTests
{
    private static readonly AugmentationOptions None = new()
    {
        RotationDegrees = 0,
        ShiftFraction = 0,
        ZoomFraction = 0,
        ShearDegrees = 0,
        HorizontalFlip = false,
        VerticalFlip = false,
    };

    [TestMethod]
    public void Apply_NothingAllowed_IsTheIdentity()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = TestNetworks.Pixels(3, 16);

        Assert.IsLessThan(1e-5, (Apply(images, None, seed: 1) - images).abs().max().ToDouble());
    }

    [TestMethod]
    public void Apply_FlipsOnly_GivesTheImageOrItsMirrorImages()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = TestNetworks.Pixels(64, 8);
        Tensor[] candidates = [images, images.flip(3), images.flip(2), images.flip(2, 3)];
        Tensor flipped = Apply(images, new AugmentationOptions(None) { HorizontalFlip = true, VerticalFlip = true }, seed: 1);

        var seen = new HashSet<int>();
        for (int i = 0; i < 64; i++)
            seen.Add(Array.FindIndex(candidates, c => (flipped[i] - c[i]).abs().max().ToDouble() < 1e-5));

        CollectionAssert.AreEquivalent(new[] { 0, 1, 2, 3 }, seen.ToArray());
    }

    [TestMethod]
    public void DrawMap_QuarterTurn_MapsAWideImageByPixelsNotByItsAxes()
    {
        // 90° exactly: the source of the point (1, 0), half a width right of the centre, is half a *width* away along y,
        // which for an image twice as wide as high is 2 in y's coordinates.
        var map = new float[6];
        Augmentation.DrawMap(new AugmentationOptions(None) { RotationDegrees = 90 }, new FixedRandom(1), aspect: 2, map);

        Assert.AreEqual(0, map[0], 1e-6);
        Assert.AreEqual(2, Math.Abs(map[3]), 1e-6);
        Assert.AreEqual(0.5, Math.Abs(map[1]), 1e-6);
    }

    [TestMethod]
    public void DrawMap_AnyDraw_StaysInItsRanges()
    {
        var options = new AugmentationOptions();
        var random = new Random(3);
        var map = new float[6];
        for (int i = 0; i < 1000; i++)
        {
            Augmentation.DrawMap(options, random, aspect: 1, map);
            Assert.IsInRange(-0.2f, 0.2f, map[2]);
            Assert.IsInRange(-0.2f, 0.2f, map[5]);
            // Rotation and shear keep areas, so the determinant is that of both zooms.
            Assert.IsInRange(0.81 - 1e-5, 1.21 + 1e-5, Math.Abs((map[0] * map[4]) - (map[1] * map[3])));
        }
    }

    [TestMethod]
    public void Apply_SameRandom_GivesTheSameImages()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = TestNetworks.Pixels(4, 16);
        var options = new AugmentationOptions();

        Assert.AreEqual(
            0, (Apply(images, options, seed: 5) - Apply(images, options, seed: 5)).abs().max().ToDouble());
        Assert.IsGreaterThan(
            0, (Apply(images, options, seed: 5) - Apply(images, options, seed: 6)).abs().max().ToDouble());
    }

    private static Tensor Apply(Tensor images, AugmentationOptions options, int seed) =>
        Augmentation.Apply(images, Augmentation.DrawMaps((int)images.shape[0], options, new Random(seed), (double)images.shape[3] / images.shape[2]));

    /// <summary>Draws the same number always; 1 gives the end of every range.</summary>
    private sealed class FixedRandom(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
