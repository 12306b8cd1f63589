using Derm7pt.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class AffineSamplerTests
{
    [TestMethod]
    [DataRow(16, 16)]
    [DataRow(17, 23)]
    [DataRow(40, 9)]
    [DataRow(2, 3)]
    public void Sample_RandomMaps_EqualsTorchsGridSample(int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        var random = new Random(height);
        float[] maps = Augmentation.DrawMaps(20, new AugmentationOptions(), random, (double)width / height);
        for (int i = 0; i < maps.Length / Augmentation.MapLength; i++)
        {
            var bytes = new byte[3 * height * width];
            random.NextBytes(bytes);
            float[] map = maps[(i * Augmentation.MapLength)..((i + 1) * Augmentation.MapLength)];
            var actual = new float[bytes.Length];

            AffineSampler.Sample(bytes, height, width, map, actual);

            Tensor expected = Augmentation.Apply(tensor(bytes, [1, 3, height, width]).to(float32) / 255, map);
            Assert.IsLessThan(1e-5, (expected.reshape(-1) - tensor(actual)).abs().max().ToDouble());
        }
    }

    [TestMethod]
    [DataRow(16, 16, 0, 9, 21)]
    [DataRow(40, 30, 7, 16, 16)]
    [DataRow(11, 25, 4, 30, 3)]
    [DataRow(9, 9, 3, 3, 3)]
    [DataRow(8, 12, 3, 1, 1)]
    public void Sample_OtherSizeAndBorder_EqualsTorchsGridSampleOfTheCutImage(int height, int width, int border, int resultHeight, int resultWidth)
    {
        using DisposeScope scope = NewDisposeScope();
        var random = new Random(height);
        float[] maps = [.. Augmentation.Identity(1), .. Augmentation.DrawMaps(20, new AugmentationOptions(), random, (double)width / height)];
        for (int i = 0; i < maps.Length / Augmentation.MapLength; i++)
        {
            var bytes = new byte[3 * height * width];
            random.NextBytes(bytes);
            float[] map = maps[(i * Augmentation.MapLength)..((i + 1) * Augmentation.MapLength)];
            var actual = new float[3 * resultHeight * resultWidth];

            AffineSampler.Sample(bytes, height, width, map, actual, resultHeight, resultWidth, border);

            Tensor cut = (tensor(bytes, [1, 3, height, width]).to(float32) / 255).narrow(2, border, height - (2 * border)).narrow(3, border, width - (2 * border));
            Tensor grid = nn.functional.affine_grid(tensor(map, [1, 2, 3]), [1, 3, resultHeight, resultWidth], align_corners: false);
            Tensor expected = nn.functional.grid_sample(cut, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Border, align_corners: false);
            Assert.IsLessThan(2e-5, (expected.reshape(-1) - tensor(actual)).abs().max().ToDouble());
            Tensor onDevice = Augmentation.Apply(tensor(bytes, [1, 3, height, width]).to(float32) / 255, map, (resultHeight, resultWidth), border);
            Assert.IsLessThan(2e-5, (onDevice - expected).abs().max().ToDouble());
        }
    }

    // Values in the border never affect the result.
    [TestMethod]
    public void Sample_Border_IsNeverRead()
    {
        var random = new Random(5);
        var bytes = new byte[3 * 12 * 10];
        random.NextBytes(bytes);
        byte[] other = [.. bytes];
        for (int i = 0; i < other.Length; i++)
        {
            if (i % 10 is < 2 or >= 8 || i / 10 % 12 is < 2 or >= 10)
                other[i] ^= 0xff;
        }

        float[] maps = Augmentation.DrawMaps(20, new AugmentationOptions { ShiftFraction = 0.5 }, random, 10 / 12.0);
        foreach (float[] map in maps.Chunk(Augmentation.MapLength))
        {
            float[] expected = new float[3 * 7 * 7], actual = new float[3 * 7 * 7];
            AffineSampler.Sample(bytes, 12, 10, map, expected, 7, 7, border: 2);
            AffineSampler.Sample(other, 12, 10, map, actual, 7, 7, border: 2);

            CollectionAssert.AreEqual(expected, actual);
        }
    }

    [TestMethod]
    [DataRow(-1)]
    [DataRow(2)]
    public void Sample_BorderThatLeavesNothing_Throws(int border) => Assert.ThrowsExactly<ArgumentException>(
        () => AffineSampler.Sample(new byte[48], 4, 4, new float[6], new float[3], 1, 1, border));

    [TestMethod]
    public void Sample_WrongLength_Throws()
    {
        Assert.ThrowsExactly<ArgumentException>(() => AffineSampler.Sample(new byte[5], 4, 4, new float[6], new float[48]));
        Assert.ThrowsExactly<ArgumentException>(() => AffineSampler.Sample(new byte[48], 4, 4, new float[6], new float[47]));
    }
}
