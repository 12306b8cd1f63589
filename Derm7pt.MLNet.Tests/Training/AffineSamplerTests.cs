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
    public void Sample_WrongLength_Throws()
    {
        Assert.ThrowsExactly<ArgumentException>(() => AffineSampler.Sample(new byte[5], 4, 4, new float[6], new float[48]));
        Assert.ThrowsExactly<ArgumentException>(() => AffineSampler.Sample(new byte[48], 4, 4, new float[6], new float[47]));
    }
}
