using System.Runtime.InteropServices;
using SkiaSharp;

namespace Derm7pt.MLNet.Reporting.Examples;

/// <summary>Encodes images as data URIs. They are JPEGs, because PNGs of photographs are many times larger.</summary>
internal static class ImageData
{
    private const int LongestSide = 192;
    private const int Quality = 88;

    /// <param name="pixels">[3, height, width], RGB in [0, 1].</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    public static string OfPlanar(ReadOnlySpan<float> pixels, int height, int width)
    {
        int plane = height * width;
        CheckLength(pixels.Length, 3 * plane);
        var rgba = new byte[4 * plane];
        for (int i = 0; i < plane; i++)
        {
            for (int channel = 0; channel < 3; channel++)
                rgba[(4 * i) + channel] = (byte)Math.Clamp(MathF.Round(255 * pixels[(channel * plane) + i]), 0, 255);
            rgba[(4 * i) + 3] = 255;
        }

        return OfRgba(rgba, height, width);
    }

    /// <param name="rgba">Rows from the top.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    public static string OfRgba(byte[] rgba, int height, int width)
    {
        CheckLength(rgba.Length, 4 * height * width);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Marshal.Copy(rgba, 0, bitmap.GetPixels(), rgba.Length);
        double scale = Math.Min(1, (double)LongestSide / Math.Max(height, width));
        var size = new SKImageInfo(
            Math.Max(1, (int)Math.Round(scale * width)), Math.Max(1, (int)Math.Round(scale * height)), SKColorType.Rgba8888, SKAlphaType.Opaque);
        using SKBitmap small = scale < 1 ? bitmap.Resize(size, SKFilterQuality.High) : bitmap.Copy();
        using SKData data = small.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return "data:image/jpeg;base64," + Convert.ToBase64String(data.AsSpan());
    }

    private static void CheckLength(int actual, int expected)
    {
        if (actual != expected)
            throw new ArgumentException(Invariant($"Expected an image of {expected} values, got {actual}."));
    }
}
