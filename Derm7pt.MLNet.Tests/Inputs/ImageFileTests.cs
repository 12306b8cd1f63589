using Derm7pt.MLNet.Inputs;
using Microsoft.ML.Data;
using SkiaSharp;

namespace Derm7pt.MLNet.Tests.Inputs;

[TestClass]
public sealed class ImageFileTests
{
    private static readonly int[] Scales = [1, 2, 3, 4, 5, 6, 8];

    [TestMethod]
    public void SmallestSize_JpegsOfManySizes_IsTheSmallestThatIsLargeEnough()
    {
        var random = new Random(5);
        for (int attempt = 0; attempt < 300; attempt++)
        {
            (int fileWidth, int fileHeight) = (random.Next(1, 900), random.Next(1, 900));
            (int width, int height) = (random.Next(1, 600), random.Next(1, 600));
            using SKCodec codec = Codec(fileWidth, fileHeight);

            SKSizeI size = ImageDecoder.SmallestSize(codec, width, height);

            string what = $"{fileWidth}×{fileHeight} for {width}×{height}: {size.Width}×{size.Height}";
            SKSizeI[] offered = [.. Scales.Select(scale => codec.GetScaledDimensions(scale / 8f))];
            int chosen = Array.FindLastIndex(offered, s => s == size);
            Assert.IsGreaterThanOrEqualTo(0, chosen, what);
            Assert.IsTrue((size.Width >= width && size.Height >= height) || size == new SKSizeI(fileWidth, fileHeight), what);
            Assert.IsFalse(offered.Any(s => s.Width < size.Width && s.Width >= width && s.Height >= height), what);
        }
    }

    [TestMethod]
    [DataRow(768, 512, 256, 256, 384, 256)]
    [DataRow(768, 512, 512, 512, 768, 512)]
    [DataRow(1536, 1024, 128, 128, 192, 128)]
    [DataRow(1000, 1000, 650, 650, 750, 750)]
    [DataRow(1000, 1000, 800, 800, 1000, 1000)]
    public void Load_Jpeg_HasTheSizeThatIsExpected(int fileWidth, int fileHeight, int width, int height, int expectedWidth, int expectedHeight)
    {
        string path = TemporaryImages.Write(fileWidth, fileHeight, SKEncodedImageFormat.Jpeg);

        using MLImage image = ImageFile.Load(path, width, height);

        Assert.AreEqual((expectedWidth, expectedHeight), (image.Width, image.Height));
    }

    [TestMethod]
    [DataRow(SKEncodedImageFormat.Png, SKColorType.Bgra8888, 500)]
    [DataRow(SKEncodedImageFormat.Png, SKColorType.Gray8, 500)]
    [DataRow(SKEncodedImageFormat.Webp, SKColorType.Bgra8888, 500)]
    [DataRow(SKEncodedImageFormat.Jpeg, SKColorType.Bgra8888, 90)]
    [DataRow(SKEncodedImageFormat.Jpeg, SKColorType.Gray8, 90)]
    public void Load_OtherFormatsAndSmallJpegs_GivesWhatMLNetGives(SKEncodedImageFormat format, SKColorType color, int size)
    {
        string path = TemporaryImages.Write(size, size, format, color);

        using MLImage image = ImageFile.Load(path, 90, 90);
        using MLImage expected = MLImage.CreateFromFile(path);

        Assert.AreEqual((size, size, expected.PixelFormat), (image.Width, image.Height, image.PixelFormat));
        Assert.IsTrue(expected.Pixels.SequenceEqual(image.Pixels));
    }

    [TestMethod]
    [DataRow(SKEncodedImageFormat.Jpeg, 100)]
    [DataRow(SKEncodedImageFormat.Jpeg, 1000)]
    [DataRow(SKEncodedImageFormat.Png, 1000)]
    public void Load_CutOff_ThrowsNamingTheFile(SKEncodedImageFormat format, int size)
    {
        byte[] whole = File.ReadAllBytes(TemporaryImages.Write(400, 400, format));
        string path = TemporaryImages.Write(whole[..(whole.Length * 2 / 3)], ".img");

        var e = Assert.ThrowsExactly<InvalidDataException>(() => ImageFile.Load(path, size, size));

        Assert.AreEqual($"'{path}' is cut off: the end of the image is missing.", e.Message);
    }

    [TestMethod]
    [DataRow("", "is empty.")]
    [DataRow("This is text.", "is not an image that can be decoded.")]
    public void Load_NoImage_ThrowsNamingTheFile(string content, string expected)
    {
        string path = TemporaryImages.Write(System.Text.Encoding.UTF8.GetBytes(content), ".jpg");

        var e = Assert.ThrowsExactly<InvalidDataException>(() => ImageFile.Load(path, 10, 10));

        Assert.AreEqual($"'{path}' {expected}", e.Message);
    }

    [TestMethod]
    [DataRow("missing.jpg")]
    [DataRow("no folder/missing.jpg")]
    public void Load_MissingFile_ThrowsNamingIt(string name)
    {
        string path = Path.Combine(TemporaryImages.Folder, name);

        var e = Assert.ThrowsExactly<FileNotFoundException>(() => ImageFile.Load(path, 10, 10));

        Assert.AreEqual($"There is no image file '{path}'.", e.Message);
        Assert.AreEqual(path, e.FileName);
    }

    private static SKCodec Codec(int width, int height)
    {
        using var bitmap = new SKBitmap(width, height);
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 50);
        return SKCodec.Create(data);
    }
}
