using Derm7pt.MLNet.Base;
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
        // 90° exactly: the source of the point (1, 0), half a width right of the center, is half a *width* away along y,
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
            // Rotation and shear preserve areas, so the determinant is that of both zooms.
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

    // Windows of 4 × 6 pixels of an image of 8 × 12, at every place that whole pixels allow, are copies of its parts.
    [TestMethod]
    public void Frame_CropOfHalf_ReadsWindowsOfHalfTheHeightAndWidth()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor image = TestNetworks.Pixels(1, 12)[.., .., ..8];
        AugmentationOptions options = new AugmentationOptions(None) { CropShareMinimum = 0.5, CropShareMaximum = 0.5 };
        for (int top = 0; top <= 4; top++)
        {
            for (int left = 0; left <= 6; left++)
            {
                float[] maps = Augmentation.Identity(1);
                Augmentation.Frame(maps, options, new ListRandom(0.5, left / 6.0, top / 4.0, 0), aspect: 1.5);

                Tensor window = Augmentation.Apply(image, maps, (4, 6));

                Assert.IsLessThan(1e-5, (window - image[.., .., top..(top + 4), left..(left + 6)]).abs().max().ToDouble());
            }
        }
    }

    // torch's rot90 is the reference; the direction does not matter, since every rotation is equally likely.
    [TestMethod]
    public void Frame_QuarterTurns_GiveEachOfTheFourTurns()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = TestNetworks.Pixels(80, 6);
        float[] maps = Augmentation.Identity(80);
        Augmentation.Frame(maps, new AugmentationOptions(None) { QuarterTurns = true }, new Random(2), aspect: 1);

        Tensor turned = Augmentation.Apply(images, maps);

        int[] turns = [.. Enumerable.Range(0, 80).Select(i => Enumerable.Range(0, 4)
            .Single(turn => (turned[i] - images[i].rot90(turn, (1, 2))).abs().max().ToDouble() < 1e-5))];
        for (int turn = 0; turn < 4; turn++)
            Assert.IsInRange(8, 40, turns.Count(t => t == turn));
    }

    [TestMethod]
    public void Frame_AnyDraw_StaysWithinTheImageAndTheShares()
    {
        AugmentationOptions options = new AugmentationOptions(None) { CropShareMinimum = 0.4, CropShareMaximum = 0.9, QuarterTurns = true };
        float[] maps = Augmentation.Identity(1000);
        Augmentation.Frame(maps, options, new Random(3), aspect: 1);

        double[] shares = [.. maps.Chunk(6).Select(map => Math.Sqrt(Math.Abs((map[0] * map[4]) - (map[1] * map[3]))))];
        Assert.IsInRange(0.4, 0.42, shares.Min());
        Assert.IsInRange(0.88, 0.9 + 1e-6, shares.Max());
        foreach (float[] map in maps.Chunk(6))
        {
            Assert.IsLessThanOrEqualTo(1 + 1e-5f, Math.Abs(map[0]) + Math.Abs(map[1]) + Math.Abs(map[2]));
            Assert.IsLessThanOrEqualTo(1 + 1e-5f, Math.Abs(map[3]) + Math.Abs(map[4]) + Math.Abs(map[5]));
        }
    }

    // The crop is taken of the image, and the other changes are made in the crop: a point of the result goes through the map first.
    [TestMethod]
    public void Frame_MapAndCrop_MapsWithinTheCrop()
    {
        float[] map = [0.8f, -0.3f, 0.1f, 0.2f, 1.1f, -0.05f];
        float[] framed = [.. map];

        Augmentation.Frame(framed, new AugmentationOptions(None) { CropShareMinimum = 0.5, CropShareMaximum = 0.5 }, new ListRandom(0.5, 0.75, 0, 0), aspect: 2);

        // The window's center is at (+¼, −½).
        foreach ((double x, double y) in new[] { (0.0, 0.0), (1, 0), (0, 1), (-0.3, 0.7) })
        {
            Assert.AreEqual((0.5 * ((map[0] * x) + (map[1] * y) + map[2])) + 0.25, (framed[0] * x) + (framed[1] * y) + framed[2], 1e-6);
            Assert.AreEqual((0.5 * ((map[3] * x) + (map[4] * y) + map[5])) - 0.5, (framed[3] * x) + (framed[4] * y) + framed[5], 1e-6);
        }
    }

    // The random numbers of one option do not depend on the others.
    [TestMethod]
    public void Draw_OtherOptionsOn_KeepsTheMapsOfTheOldOnes()
    {
        var options = new AugmentationOptions();
        float[] maps = Augmentation.DrawMaps(7, options, SeedSequence.Random(4, SeedSequence.Purpose.Augmentation, 2, 3), 1.5);

        ImageChanges plain = ImageChanges.Draw(7, options, 4, 2, 3, height: 20, width: 30);
        ImageChanges toned = ImageChanges.Draw(7, new AugmentationOptions(options) { ContrastFraction = 0.1, OutputHeight = 16 }, 4, 2, 3, height: 20, width: 30);

        CollectionAssert.AreEqual(maps, plain.Maps);
        CollectionAssert.AreEqual(maps, toned.Maps);
        Assert.IsNull(plain.Tones);
        Assert.AreEqual(((20, 30), (16, 30)), (plain.Size, toned.Size));
        CollectionAssert.AreNotEqual(maps, ImageChanges.Draw(7, new AugmentationOptions(options) { QuarterTurns = true }, 4, 2, 3, height: 20, width: 30).Maps);
    }

    private static Tensor Apply(Tensor images, AugmentationOptions options, int seed) =>
        Augmentation.Apply(images, Augmentation.DrawMaps((int)images.shape[0], options, new Random(seed), (double)images.shape[3] / images.shape[2]));

    /// <summary>Returns the numbers of a list.</summary>
    private sealed class ListRandom(params double[] values) : Random
    {
        private int _next;

        public override double NextDouble() => values[_next++];
    }

    /// <summary>Always returns the same number; 1 gives the end of every range.</summary>
    private sealed class FixedRandom(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
