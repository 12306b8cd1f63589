using Derm7pt.MLNet.Tests.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Scoring;

[TestClass]
public sealed class FlippedViewsTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(7)]
    public void Write_Image_EqualsTorchsFlipsAndTranspose(int extent)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor image = TestNetworks.Pixels(1, extent)[0];
        float[] pixels = [.. image.flatten().data<float>()], views = new float[FlippedViews.Count * pixels.Length];

        FlippedViews.Write(pixels, extent, views);

        Tensor expected = stack([image, image.flip(2), image.flip(1), image.transpose(1, 2)]);
        CollectionAssert.AreEqual(expected.flatten().data<float>().ToArray(), views);
    }

    [TestMethod]
    public void Average_Probabilities_IsTheirMeanOverTheViews()
    {
        var mean = new float[2];

        FlippedViews.Average([0.5f, 0.5f, 0.25f, 0.75f, 0, 1, 0.25f, 0.75f], mean);

        CollectionAssert.AreEqual(new[] { 0.25f, 0.75f }, mean);
    }

    [TestMethod]
    public void WriteAndAverage_LengthsThatDoNotFit_Throw()
    {
        Assert.ThrowsExactly<ArgumentException>(() => FlippedViews.Write(new float[7], 2, new float[28]));
        Assert.ThrowsExactly<ArgumentException>(() => FlippedViews.Write(new float[12], 2, new float[47]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => FlippedViews.Write(new float[12], 0, new float[48]));
        Assert.ThrowsExactly<ArgumentException>(() => FlippedViews.Average(new float[7], new float[2]));
    }
}
