using Derm7pt.MLNet.Inputs;
using Microsoft.ML.Data;
using SkiaSharp;

namespace Derm7pt.MLNet.Tests.Inputs;

/// <summary>Compares files that SkiaSharp cannot write, built from samples, with colors that follow from the definitions of the formats.</summary>
[TestClass]
public sealed class ImageFormatTests
{
    private static readonly byte[][] Colors = [[200, 100, 50], [120, 120, 120], [90, 130, 170], [10, 240, 180]];

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void TryDecode_DisplayP3_IsConverted(bool isPng)
    {
        foreach (byte[] color in Colors)
        {
            byte[] plain = isPng ? PlainPng.Write(1, 8, PlainPng.Rgb, [color]) : Jpeg(3, adobe: 0, color);
            byte[] file = isPng ? ImageSplice.PngWithProfile(plain, ImageSplice.DisplayP3) : ImageSplice.WithProfile(plain, ImageSplice.DisplayP3);

            AssertPixels(1.5, [P3ToSrgb(color)], Decode(file));
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void TryDecode_GrayWithProfile_IsConverted(bool isPng)
    {
        foreach (byte value in new byte[] { 0, 9, 60, 128, 255 })
        {
            byte[] plain = isPng ? PlainPng.Write(1, 8, PlainPng.Gray, [[value]]) : Jpeg(1, adobe: null, [value]);
            byte[] file = isPng ? ImageSplice.PngWithProfile(plain, ImageSplice.LinearGray) : ImageSplice.WithProfile(plain, ImageSplice.LinearGray);
            double gray = Encode(value / 255.0);

            AssertPixels(1.5, [[gray, gray, gray]], Decode(file));
        }
    }

    [TestMethod]
    public void TryDecode_Png16Bits_IsRoundedToBytes()
    {
        ushort[] samples = [0, 300, 12345, 32768, 50000, 65535];
        byte[] bytes = [.. samples.SelectMany(sample => new[] { (byte)(sample >> 8), (byte)sample })];
        double[] expected = [.. samples.Select(sample => sample / 257.0)];

        AssertPixels(1, [expected[..3], expected[3..]], Decode(PlainPng.Write(2, 16, PlainPng.Rgb, [bytes])));
        AssertPixels(
            1, [.. expected.Select(gray => new[] { gray, gray, gray })], Decode(PlainPng.Write(6, 16, PlainPng.Gray, [bytes])));
        // The result is three quarters white.
        byte[] transparent = [.. bytes[..6], 0x40, 0x40];
        AssertPixels(
            1.5, [[.. expected[..3].Select(value => (value / 4 * (257.0 * 64 / 65535 * 4)) + (255 * (1 - (257.0 * 64 / 65535))))]],
            Decode(PlainPng.Write(1, 16, PlainPng.Rgba, [transparent]), isFlattened: true));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(4)]
    [DataRow(8)]
    public void TryDecode_Palette_HasItsColors(int depth)
    {
        byte[] palette = [200, 100, 50, 1, 2, 3];
        // The last of 8 pixels has color 1.
        var row = new byte[depth];
        row[^1] = 1;

        byte[] opaque = PlainPng.Write(8, (byte)depth, PlainPng.Palette, [row], ("PLTE", palette));
        byte[] transparent = PlainPng.Write(8, (byte)depth, PlainPng.Palette, [row], ("PLTE", palette), ("tRNS", [255, 51]));

        double[][] expected = [.. Enumerable.Repeat(new double[] { 200, 100, 50 }, 7), [1, 2, 3]];
        AssertPixels(0, expected, Decode(opaque));
        // The result is one fifth of the color over four fifths of white.
        AssertPixels(1, [.. expected[..7], [204.2, 204.4, 204.6]], Decode(transparent, isFlattened: true));
    }

    [TestMethod]
    public void TryDecode_PngWithATransparentColor_HasWhiteThere()
    {
        byte[] rgb = PlainPng.Write(2, 8, PlainPng.Rgb, [[9, 8, 7, 1, 2, 3]], ("tRNS", [0, 1, 0, 2, 0, 3]));
        byte[] gray = PlainPng.Write(2, 8, PlainPng.Gray, [[9, 77]], ("tRNS", [0, 77]));

        AssertPixels(0, [[9, 8, 7], [255, 255, 255]], Decode(rgb, isFlattened: true));
        AssertPixels(0, [[9, 9, 9], [255, 255, 255]], Decode(gray, isFlattened: true));
        AssertPixels(1, [[229, 229, 229]], Decode(PlainPng.Write(1, 8, PlainPng.GrayAlpha, [[125, 51]]), isFlattened: true));
    }

    [TestMethod]
    [DataRow(false, 0)]
    [DataRow(true, 0)]
    [DataRow(false, 1)]
    [DataRow(true, 3)]
    public void TryDecode_SequentialAndProgressiveJpeg_HasItsColors(bool isProgressive, int restartInterval)
    {
        byte[][][] samples = [[[128, 128, 128], [76, 85, 255]], [[150, 44, 21], [200, 128, 140]], [[0, 128, 128], [255, 128, 128]]];
        byte[] file = new FlatBlocksJpeg { Samples = samples, IsProgressive = isProgressive, RestartInterval = restartInterval }.ToArray();

        AssertPixels(1, [.. samples.SelectMany(row => row).Select(YCbCrToRgb)], Decode(file, block: 8));
        // At one eighth of the size, each block is one pixel.
        AssertPixels(1, [.. samples.SelectMany(row => row).Select(YCbCrToRgb)], Decode(file, width: 2, height: 3));
    }

    // Values are amounts of light, not of ink, as in files of Adobe's programs and in all browsers.
    [TestMethod]
    [DataRow(null)]
    [DataRow(0)]
    [DataRow(2)]
    public void TryDecode_CmykJpeg_IsInkOverWhite(int? transform)
    {
        foreach (byte[] cmyk in new byte[][] { [255, 255, 255, 255], [255, 0, 0, 255], [100, 200, 50, 128], [255, 255, 255, 0] })
        {
            byte[] samples = transform == 2 ? [.. RgbToYCbCr([255.0 - cmyk[0], 255.0 - cmyk[1], 255.0 - cmyk[2]]), cmyk[3]] : cmyk;

            double[][] actual = Decode(Jpeg(4, (byte?)transform, samples));

            AssertPixels(3, [[.. cmyk[..3].Select(value => value * cmyk[3] / 255.0)]], actual);
        }
    }

    [TestMethod]
    public void TryDecode_WebpOfEveryOrientation_IsUpright()
    {
        byte[][] upright = [[20, 20, 20], [60, 60, 60], [100, 100, 100], [140, 140, 140], [180, 180, 180], [220, 220, 220]];
        string[] stored = ["ABC/DEF", "CBA/FED", "FED/CBA", "DEF/ABC", "AD/BE/CF", "CF/BE/AD", "FC/EB/DA", "DA/EB/FC"];
        for (int orientation = 1; orientation <= stored.Length; orientation++)
        {
            const int Tile = 16;
            string[] rows = stored[orientation - 1].Split('/');
            using var bitmap = new SKBitmap(Tile * rows[0].Length, Tile * rows.Length);
            for (int y = 0; y < bitmap.Height; y++)
            {
                for (int x = 0; x < bitmap.Width; x++)
                {
                    byte gray = upright[rows[y / Tile][x / Tile] - 'A'][0];
                    bitmap.SetPixel(x, y, new SKColor(gray, gray, gray));
                }
            }

            using SKData webp = bitmap.Encode(SKEncodedImageFormat.Webp, 100);
            byte[] file = ImageSplice.WebpWithOrientation(webp.ToArray(), bitmap.Width, bitmap.Height, orientation);

            AssertPixels(3, [.. upright.Select(color => color.Select(value => (double)value).ToArray())], Decode(file, Tile), $"orientation {orientation}");
        }
    }

    private static byte[] Jpeg(int components, byte? adobe, byte[] samples)
    {
        Assert.HasCount(components, samples);
        return new FlatBlocksJpeg { Samples = [[samples]], AdobeTransform = adobe }.ToArray();
    }

    /// <summary>Reads red, green and blue in the middle of all blocks, row by row.</summary>
    private static double[][] Decode(byte[] file, int block = 1, int width = int.MaxValue, int height = int.MaxValue, bool isFlattened = false)
    {
        string path = TemporaryImages.Write(file, ".img");
        Assert.IsTrue(ImageDecoder.TryDecode(path, width, height, out DecodedPicture? picture, out string? problem), problem);
        using DecodedPicture decoded = picture;
        using MLImage image = decoded.ToMLImage();
        Assert.AreEqual(isFlattened, decoded.IsFlattened);
        byte[] pixels = image.Pixels.ToArray();
        return
        [
            .. from y in Enumerable.Range(0, image.Height / block)
               from x in Enumerable.Range(0, image.Width / block)
               let at = 4 * ((((y * block) + (block / 2)) * image.Width) + (x * block) + (block / 2))
               select new double[] { pixels[at + 2], pixels[at + 1], pixels[at] },
        ];
    }

    private static void AssertPixels(double tolerance, double[][] expected, double[][] actual, string what = "")
    {
        if (expected.Length == 1)
            actual = actual[..1];
        Assert.HasCount(expected.Length, actual);
        for (int pixel = 0; pixel < expected.Length; pixel++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                Assert.AreEqual(
                    expected[pixel][channel], actual[pixel][channel], tolerance,
                    FormattableString.Invariant($"{what} pixel {pixel}: {string.Join(' ', actual[pixel])}, expected {string.Join(' ', expected[pixel])}"));
            }
        }
    }

    // The values follow from the definitions of both color spaces, which share the white point D65 and the curve.
    private static double[] P3ToSrgb(byte[] rgb)
    {
        double[] linear = [.. rgb.Select(value => Decode(value / 255.0))];
        double x = (0.48657095 * linear[0]) + (0.26566769 * linear[1]) + (0.19821729 * linear[2]);
        double y = (0.22897456 * linear[0]) + (0.69173852 * linear[1]) + (0.07928691 * linear[2]);
        double z = (0.04511338 * linear[1]) + (1.04394437 * linear[2]);
        return
        [
            Encode((3.2404542 * x) - (1.5371385 * y) - (0.4985314 * z)), Encode((-0.9692660 * x) + (1.8760108 * y) + (0.0415560 * z)),
            Encode((0.0556434 * x) - (0.2040259 * y) + (1.0572252 * z)),
        ];

        static double Decode(double value) => value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }

    private static double Encode(double value) =>
        255 * Math.Clamp(value <= 0.0031308 ? 12.92 * value : (1.055 * Math.Pow(value, 1 / 2.4)) - 0.055, 0, 1);

    // The values follow from the definition of JFIF.
    private static double[] YCbCrToRgb(byte[] samples)
    {
        (double y, double cb, double cr) = (samples[0], samples[1] - 128.0, samples[2] - 128.0);
        double[] rgb = [y + (1.402 * cr), y - (0.344136 * cb) - (0.714136 * cr), y + (1.772 * cb)];
        return [.. rgb.Select(value => Math.Clamp(value, 0, 255))];
    }

    private static byte[] RgbToYCbCr(double[] rgb)
    {
        double y = (0.299 * rgb[0]) + (0.587 * rgb[1]) + (0.114 * rgb[2]);
        return [.. new[] { y, 128 + ((rgb[2] - y) / 1.772), 128 + ((rgb[0] - y) / 1.402) }.Select(value => (byte)Math.Clamp(Math.Round(value), 0, 255))];
    }
}
