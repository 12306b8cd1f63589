using Derm7pt.MLNet.Inputs;
using Microsoft.ML.Data;
using SkiaSharp;

namespace Derm7pt.MLNet.Tests.Inputs;

[TestClass]
public sealed class ImageDecoderTests
{
    // The upright picture is
    //   A B C
    //   D E F
    // and a camera stores it under each orientation as follows, row by row.
    private const string Upright = "ABC/DEF";

    [TestMethod]
    [DataRow(1, "ABC/DEF")]
    [DataRow(2, "CBA/FED")]
    [DataRow(3, "FED/CBA")]
    [DataRow(4, "DEF/ABC")]
    [DataRow(5, "AD/BE/CF")]
    [DataRow(6, "CF/BE/AD")]
    [DataRow(7, "FC/EB/DA")]
    [DataRow(8, "DA/EB/FC")]
    public void TryDecode_EveryOrientation_IsUpright(int orientation, string stored)
    {
        byte[] jpeg = ImageSplice.WithOrientation(Tiles(stored, SKEncodedImageFormat.Jpeg), orientation);
        byte[] png = ImageSplice.PngWithOrientation(Tiles(stored, SKEncodedImageFormat.Png), orientation);

        Assert.AreEqual(Upright, Read(jpeg, int.MaxValue, int.MaxValue, tile: 32));
        Assert.AreEqual(Upright, Read(png, int.MaxValue, int.MaxValue, tile: 32));
        // Half of the size is requested: 48 by 32 of 96 by 64, in upright orientation.
        Assert.AreEqual(Upright, Read(jpeg, 48, 32, tile: 16));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void TryDecode_AdobeRgb_IsConverted(bool isPng)
    {
        foreach (SKColor color in new SKColor[] { new(200, 100, 50), new(120, 120, 120), new(90, 130, 170), new(180, 160, 150) })
        {
            byte[] plain = Plain(color, isPng ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg);
            byte[] file = isPng ? ImageSplice.PngWithProfile(plain, ImageSplice.AdobeRgb) : ImageSplice.WithProfile(plain, ImageSplice.AdobeRgb);

            // JPEG compression may have changed the color.
            double[] expected = AdobeToSrgb(First(plain));
            byte[] actual = First(file);

            for (int channel = 0; channel < 3; channel++)
                Assert.AreEqual(expected[channel], actual[channel], 1.5, $"{color}, channel {channel}");
        }
    }

    [TestMethod]
    public void TryDecode_InvalidProfileOrOnlyGamma_IsAsWithout()
    {
        byte[] png = Plain(new(200, 100, 50), SKEncodedImageFormat.Png), jpeg = Plain(new(200, 100, 50), SKEncodedImageFormat.Jpeg);
        byte[] junk = [.. Enumerable.Range(0, 300).Select(i => (byte)i)];

        CollectionAssert.AreEqual(First(png), First(ImageSplice.PngWithProfile(png, junk)));
        CollectionAssert.AreEqual(First(png), First(ImageSplice.PngWithProfile(png, ImageSplice.AdobeRgb[..200])));
        CollectionAssert.AreEqual(First(jpeg), First(ImageSplice.WithProfile(jpeg, junk)));
        // The gamma is 1.0 instead of 1/2.2.
        CollectionAssert.AreEqual(First(png), First(ImageSplice.WithChunk(png, "gAMA"u8, [0, 1, 0x86, 0xA0])));
    }

    [TestMethod]
    public void TryDecode_TransparentPixels_HaveWhiteUnderneath()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(3, 1, SKColorType.Bgra8888, SKAlphaType.Unpremul));
        bitmap.SetPixel(0, 0, new SKColor(10, 20, 30, 255));
        bitmap.SetPixel(1, 0, new SKColor(10, 20, 30, 0));
        bitmap.SetPixel(2, 0, new SKColor(100, 0, 200, 51));

        using DecodedPicture picture = Decode(Encode(bitmap, SKEncodedImageFormat.Png));
        using MLImage image = picture.ToMLImage();

        Assert.IsTrue(picture.IsFlattened);
        byte[] pixels = image.Pixels.ToArray();
        CollectionAssert.AreEqual(new byte[] { 30, 20, 10, 255, 255, 255, 255, 255 }, pixels[..8]);
        // The result is one fifth of the color over four fifths of white.
        (double blue, double green, double red) = (204 + (200 / 5.0), 204, 204 + (100 / 5.0));
        Assert.AreEqual(blue, pixels[8], 1);
        Assert.AreEqual(green, pixels[9], 1);
        Assert.AreEqual(red, pixels[10], 1);
        Assert.AreEqual(255, pixels[11]);
    }

    [TestMethod]
    public void TryDecode_OpaqueImageWithAlphaChannel_IsUntouched()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(2, 1, SKColorType.Bgra8888, SKAlphaType.Unpremul));
        bitmap.SetPixel(0, 0, new SKColor(1, 2, 3));
        bitmap.SetPixel(1, 0, new SKColor(254, 0, 7));

        using DecodedPicture picture = Decode(Encode(bitmap, SKEncodedImageFormat.Png));
        using MLImage image = picture.ToMLImage();

        Assert.IsFalse(picture.IsFlattened);
        CollectionAssert.AreEqual(new byte[] { 3, 2, 1, 255, 7, 0, 254, 255 }, image.Pixels.ToArray());
    }

    // Every chunk has a checksum.
    [TestMethod]
    public void TryDecode_PngDamagedInItsMiddle_IsRefused()
    {
        byte[] png = File.ReadAllBytes(TemporaryImages.Write(120, 90, SKEncodedImageFormat.Png));
        png[png.Length / 2] ^= 0x55;

        Assert.IsFalse(ImageDecoder.TryDecode(TemporaryImages.Write(png, ".png"), out _, out string? problem));
        StringAssert.StartsWith(problem, "is ");
    }

    [TestMethod]
    public void TryDecode_TooManyPixels_IsOneProblem()
    {
        byte[] png = Plain(SKColors.Red, SKEncodedImageFormat.Png);
        // Width and height are at the beginning of the header, and its checksum follows it.
        byte[] header = [.. "IHDR"u8, 0, 0, 0x55, 0xF0, 0, 0, 0x55, 0xF0, .. png[24..29]];
        byte[] huge = [.. ImageSplice.WithChunk([.. png[..8], .. new byte[25]], "IHDR"u8, header[4..])[33..], .. png[33..]];
        string path = TemporaryImages.Write([.. png[..8], .. huge], ".png");

        Assert.IsFalse(ImageDecoder.TryDecode(path, out DecodedPicture? picture, out string? problem));
        Assert.IsNull(picture);
        Assert.AreEqual("is too large: 22000×22000 pixels are more than 100 million.", problem);
    }

    private static byte[] Tiles(string rows, SKEncodedImageFormat format)
    {
        const int Tile = 32;
        string[] lines = rows.Split('/');
        using var bitmap = new SKBitmap(Tile * lines[0].Length, Tile * lines.Length);
        for (int y = 0; y < bitmap.Height; y++)
        {
            for (int x = 0; x < bitmap.Width; x++)
            {
                // Each letter has a different gray level.
                byte grey = (byte)(20 + (40 * (lines[y / Tile][x / Tile] - 'A')));
                bitmap.SetPixel(x, y, new SKColor(grey, grey, grey));
            }
        }

        return Encode(bitmap, format);
    }

    /// <summary>Reads the letters in the middle of all tiles.</summary>
    private static string Read(byte[] file, int width, int height, int tile)
    {
        string path = TemporaryImages.Write(file, ".img");
        Assert.IsTrue(ImageDecoder.TryDecode(path, width, height, out DecodedPicture? picture, out string? problem), problem);
        using DecodedPicture decoded = picture;
        using MLImage image = decoded.ToMLImage();
        byte[] pixels = image.Pixels.ToArray();
        return string.Join('/', Enumerable.Range(0, image.Height / tile).Select(y => string.Concat(Enumerable.Range(0, image.Width / tile)
            .Select(x => (char)('A' + (int)Math.Round((pixels[4 * ((((y * tile) + (tile / 2)) * image.Width) + (x * tile) + (tile / 2))] - 20) / 40.0))))));
    }

    private static byte[] Plain(SKColor color, SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(16, 16);
        bitmap.Erase(color);
        return Encode(bitmap, format);
    }

    private static byte[] Encode(SKBitmap bitmap, SKEncodedImageFormat format)
    {
        using SKData data = bitmap.Encode(format, 100);
        return data.ToArray();
    }

    private static DecodedPicture Decode(byte[] file)
    {
        Assert.IsTrue(ImageDecoder.TryDecode(TemporaryImages.Write(file, ".img"), out DecodedPicture? picture, out string? problem), problem);
        return picture;
    }

    /// <summary>Reads red, green and blue of the first pixel.</summary>
    private static byte[] First(byte[] file)
    {
        using DecodedPicture picture = Decode(file);
        using MLImage image = picture.ToMLImage();
        return [image.Pixels[2], image.Pixels[1], image.Pixels[0]];
    }

    // The values follow from the definitions of both color spaces, which share the white point D65.
    private static double[] AdobeToSrgb(byte[] rgb)
    {
        double[] linear = [.. rgb.Select(value => Math.Pow(value / 255.0, 563 / 256.0))];
        double x = (0.5767309 * linear[0]) + (0.1855540 * linear[1]) + (0.1881852 * linear[2]);
        double y = (0.2973769 * linear[0]) + (0.6273491 * linear[1]) + (0.0752741 * linear[2]);
        double z = (0.0270343 * linear[0]) + (0.0706872 * linear[1]) + (0.9911085 * linear[2]);
        double[] srgb =
        [
            (3.2404542 * x) - (1.5371385 * y) - (0.4985314 * z), (-0.9692660 * x) + (1.8760108 * y) + (0.0415560 * z),
            (0.0556434 * x) - (0.2040259 * y) + (1.0572252 * z),
        ];
        return [.. srgb.Select(value => 255 * Math.Clamp(value <= 0.0031308 ? 12.92 * value : (1.055 * Math.Pow(value, 1 / 2.4)) - 0.055, 0, 1))];
    }
}
