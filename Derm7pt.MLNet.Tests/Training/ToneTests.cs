using Derm7pt.MLNet.Tests.Networks;
using Derm7pt.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class ToneTests
{
    // The mean of 0.1, 0.2, 0.6 and 0.7 is 0.4; contrast 2 gives −0.2, 0, 0.8 and 1, brightness 1.25 of it −0.25, 0, 1 and 1.25.
    [TestMethod]
    public void Apply_HandComputedValues_AreLimited()
    {
        float[] image = [0.1f, 0.2f, 0.6f, 0.7f];

        Tone.Apply(image, [1.25f, 2]);

        float[] expected = [0, 0, 1, 1];
        for (int i = 0; i < image.Length; i++)
            Assert.AreEqual(expected[i], image[i], 1e-6f);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(7)]
    public void Apply_OnADevice_EqualsTheImagesOneByOne(int extent)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = TestNetworks.Pixels(5, extent);
        float[] tones = Tone.Draw(5, new AugmentationOptions { BrightnessFraction = 0.4, ContrastFraction = 0.6 }, new Random(3))!;

        Tensor together = Tone.Apply(images, tones);

        for (int i = 0; i < 5; i++)
        {
            float[] image = [.. images[i].flatten().data<float>()];
            double mean = image.Average(value => (double)value);
            double[] expected = [.. image.Select(value => Math.Clamp(tones[2 * i] * (mean + (tones[(2 * i) + 1] * (value - mean))), 0, 1))];
            Tone.Apply(image, tones.AsSpan(2 * i, 2));
            float[] onDevice = [.. together[i].flatten().data<float>()];
            for (int value = 0; value < image.Length; value++)
            {
                Assert.AreEqual(expected[value], image[value], 1e-5);
                Assert.AreEqual(expected[value], onDevice[value], 1e-5);
            }
        }
    }

    [TestMethod]
    public void Draw_Options_StaysInItsRangesAndFillsThem()
    {
        float[] tones = Tone.Draw(2000, new AugmentationOptions { BrightnessFraction = 0.1, ContrastFraction = 0.3 }, new Random(3))!;

        float[] brightness = [.. tones.Where((_, i) => i % 2 == 0)], contrast = [.. tones.Where((_, i) => i % 2 == 1)];
        Assert.AreEqual((0.9, 1.1), (Math.Round(brightness.Min(), 2), Math.Round(brightness.Max(), 2)));
        Assert.AreEqual((0.7, 1.3), (Math.Round(contrast.Min(), 2), Math.Round(contrast.Max(), 2)));
        Assert.IsNull(Tone.Draw(5, new AugmentationOptions(), new Random(3)));
    }
}
