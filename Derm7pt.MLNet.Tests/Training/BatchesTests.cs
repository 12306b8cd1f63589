using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class BatchesTests
{
    private static readonly Lazy<LabelledImages> Cases = new(
        () => LabelledImages.Read(TinyCases.View(6), "Image", Taxonomy.Derm7pt, DataRoles.Training, 1 << 20, null, CancellationToken.None));

    [TestMethod]
    public void Images_WindowAlone_IsCutOut()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor whole = Batches.Images(Cases.Value, [3, 1], CPU);

        Tensor cut = Batches.Images(Cases.Value, [3, 1], CPU, window: new ImageWindow(5, 3, 22, 17));

        Assert.IsLessThan(1e-5, (cut - whole[.., .., 5..27, 3..20]).abs().max().ToDouble());
    }

    [TestMethod]
    public void Images_Size_IsTorchsBilinearResize()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor whole = Batches.Images(Cases.Value, [3, 1], CPU);

        Tensor resized = Batches.Images(Cases.Value, [3, 1], CPU, size: (20, 45));

        Tensor expected = nn.functional.interpolate(whole, [20, 45], mode: InterpolationMode.Bilinear, align_corners: false);
        Assert.IsLessThan(1e-5, (resized - expected).abs().max().ToDouble());
    }

    // The size of the result alone does not show whether something of the images is left out.
    [TestMethod]
    public void Images_WindowResizedToTheSizeOfTheImages_IsThatOfTheWindow()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor whole = Batches.Images(Cases.Value, [3, 1], CPU);

        Tensor resized = Batches.Images(Cases.Value, [3, 1], CPU, size: (32, 32), window: new ImageWindow(2, 9, 20, 20));

        Tensor expected = nn.functional.interpolate(
            whole[.., .., 2..22, 9..29], [32, 32], mode: InterpolationMode.Bilinear, align_corners: false);
        Assert.IsLessThan(1e-5, (resized - expected).abs().max().ToDouble());
    }

    [TestMethod]
    public void Images_MapsTonesSizeAndWindow_EqualWhatADeviceComputes()
    {
        using DisposeScope scope = NewDisposeScope();
        var options = new AugmentationOptions
        {
            CropShareMinimum = 0.4,
            CropShareMaximum = 0.8,
            QuarterTurns = true,
            BrightnessFraction = 0.3,
            ContrastFraction = 0.3,
            OutputHeight = 17,
            OutputWidth = 23,
        };
        int[] cases = [0, 5, 2];
        ImageChanges changes = ImageChanges.Draw(3, options, seed: 1, epoch: 2, batch: 3, height: 32, width: 32);

        Tensor actual = Batches.Images(Cases.Value, cases, CPU, changes.Maps, changes.Tones, changes.Size, new ImageWindow(4, 1, 24, 29));

        Tensor whole = Batches.Images(Cases.Value, cases, CPU);
        Tensor expected = Tone.Apply(Augmentation.Apply(whole, changes.Maps, (17, 23), new ImageWindow(4, 1, 24, 29)), changes.Tones!);
        CollectionAssert.AreEqual(new long[] { 3, 3, 17, 23 }, actual.shape);
        Assert.IsLessThan(2e-5, (actual - expected).abs().max().ToDouble());
    }
}
