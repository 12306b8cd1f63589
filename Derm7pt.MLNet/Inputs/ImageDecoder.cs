using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using SkiaSharp;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Makes pixels of image files, the same ones wherever our own code decodes.</summary>
/// <remarks>
/// <para>
/// A file without orientation, color profile and transparency gives what ML.NET's LoadImages reads, bit for bit. An orientation
/// that EXIF names is applied; colors in an ICC profile are converted to sRGB, and a profile that cannot be read counts as none;
/// where pixels are transparent, white lies underneath.
/// </para>
/// <para>
/// White, because that is what viewers, browsers and paper show under such an image, so that it is scored as it is seen. The black
/// that remains where transparency is merely dropped is the color of the signs of malignancy.
/// </para>
/// <para>
/// This file, <see cref="PngChunks"/> and <see cref="JpegMarkers"/> depend on nothing else of the library, so that samples/ScoreImages,
/// which scores without it, compiles them too.
/// </para>
/// </remarks>
internal static class ImageDecoder
{
    /// <summary>The most pixels of a file. A few bytes can declare more than any memory holds.</summary>
    public const long MaximumPixels = 100_000_000;

    /// <summary>What is wrong with a file whose end is missing, as it follows the file's name in a sentence.</summary>
    public const string CutOff = "is cut off: the end of the image is missing.";

    /// <summary>What is wrong with a JPEG whose data are not whole, as it follows the file's name in a sentence.</summary>
    public const string Broken = "is damaged: a marker stands within its data where none can be.";

    // libjpeg's inverse cosine transform gives an image at 1/8, 2/8, … of its size. At 7/8 it takes longer than in full.
    private const int JpegScales = 8, LargestReducedScale = 6;

    /// <summary>Decodes a file in full.</summary>
    /// <inheritdoc cref="TryDecode(string, int, int, out DecodedPicture?, out string?)"/>
    public static bool TryDecode(
        string path, [NotNullWhen(true)] out DecodedPicture? picture, [NotNullWhen(false)] out string? problem) =>
        TryDecode(path, int.MaxValue, int.MaxValue, out picture, out problem);

    /// <summary>Decodes a file, a JPEG no larger than is wanted.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">The picture must have at least this width, if the file's has.</param>
    /// <param name="height">The picture must have at least this height, if the file's has.</param>
    /// <param name="picture">The pixels.</param>
    /// <param name="problem">What is wrong with the file, as it follows its name in a sentence.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="OutOfMemoryException">Its pixels do not fit in memory.</exception>
    public static bool TryDecode(
        string path, int width, int height, [NotNullWhen(true)] out DecodedPicture? picture, [NotNullWhen(false)] out string? problem)
    {
        picture = null;
        byte[] file = File.ReadAllBytes(path);
        using SKData data = SKData.CreateCopy(file);
        using SKCodec? codec = data.IsEmpty ? null : SKCodec.Create(data);
        problem = DescribeHeader(codec, file.Length) ?? Decode(codec!, file, width, height, out picture);
        return problem is null;
    }

    /// <summary>What the header of a file shows to be wrong, as it follows the file's name in a sentence; null if nothing.</summary>
    /// <param name="codec">The codec of the file; null if there is none.</param>
    /// <param name="length">The length of the file.</param>
    public static string? DescribeHeader(SKCodec? codec, long length)
    {
        if (length == 0)
            return "is empty.";
        if (codec is null)
            return "is not an image that can be decoded.";
        return (long)codec.Info.Width * codec.Info.Height > MaximumPixels
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"is too large: {codec.Info.Width}×{codec.Info.Height} pixels are more than {MaximumPixels / 1_000_000} million.")
            : null;
    }

    /// <summary>The smallest size at which the codec decodes the image itself and that is not below what is wanted.</summary>
    public static SKSizeI SmallestSize(SKCodec codec, int width, int height)
    {
        // Other formats offer sizes too, but by leaving pixels out.
        for (int scale = 1; codec.EncodedFormat == SKEncodedImageFormat.Jpeg && scale <= LargestReducedScale; scale++)
        {
            SKSizeI size = codec.GetScaledDimensions(scale / (float)JpegScales);
            if (size.Width >= width && size.Height >= height)
                return size;
        }

        return codec.Info.Size;
    }

    private static string? Decode(SKCodec codec, byte[] file, int width, int height, out DecodedPicture? picture)
    {
        picture = null;
        if (codec.EncodedFormat == SKEncodedImageFormat.Jpeg && JpegMarkers.Read(file).IsBroken)
            return Broken;
        bool isPng = codec.EncodedFormat == SKEncodedImageFormat.Png;
        SKEncodedOrigin origin = isPng ? PngChunks.Orientation(file) : codec.EncodedOrigin;
        bool isTurned = origin >= SKEncodedOrigin.LeftTop;
        SKSizeI size = isTurned ? SmallestSize(codec, height, width) : SmallestSize(codec, width, height);

        // Skia takes the gamma that a PNG without profile may declare for a profile, as few programs do and LoadImages does not.
        using SKColorSpace? target = isPng && !PngChunks.HasProfile(file) ? null : SKColorSpace.CreateSrgb();
        SKAlphaType alpha = codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Premul;
        var info = new SKImageInfo(size.Width, size.Height, SKColorType.Bgra8888, alpha, target);
        SKBitmap bitmap = Allocate(info);
        try
        {
            switch (codec.GetPixels(info, bitmap.GetPixels()))
            {
                case SKCodecResult.Success:
                    bool isFlattened = alpha != SKAlphaType.Opaque && FlattenOnWhite(Pixels(bitmap));
                    bitmap = Turn(bitmap, origin);
                    picture = new DecodedPicture(bitmap, isFlattened);
                    return null;
                case SKCodecResult.IncompleteInput:
                    return CutOff;
                case var result:
                    return $"is corrupt ({result}).";
            }
        }
        finally
        {
            if (picture is null)
                bitmap.Dispose();
        }
    }

    /// <returns>Whether any pixel was transparent; else all are left as they are.</returns>
    private static bool FlattenOnWhite(Span<uint> pixels)
    {
        const uint Opaque = 255;
        bool isTransparent = false;
        foreach (ref uint pixel in pixels)
        {
            uint alpha = pixel >> 24;
            if (alpha == Opaque)
                continue;
            isTransparent = true;
            // Colors are multiplied by alpha already and so at most alpha: no byte overflows, and alpha becomes 255.
            pixel += (Opaque - alpha) * 0x01010101;
        }

        return isTransparent;
    }

    /// <summary>Turns and mirrors an image so that it is upright; the other one is disposed.</summary>
    private static SKBitmap Turn(SKBitmap bitmap, SKEncodedOrigin origin)
    {
        if (origin is <= SKEncodedOrigin.TopLeft or > SKEncodedOrigin.LeftBottom)
            return bitmap;
        (int w, int h) = (bitmap.Width, bitmap.Height);
        // Where the pixel that comes to the upper left corner is, and how far it is from there to that on its right and that below.
        (int first, int right, int below) = origin switch
        {
            SKEncodedOrigin.TopRight => (w - 1, -1, w),
            SKEncodedOrigin.BottomRight => ((w * h) - 1, -1, -w),
            SKEncodedOrigin.BottomLeft => (w * (h - 1), 1, -w),
            SKEncodedOrigin.LeftTop => (0, w, 1),
            SKEncodedOrigin.RightTop => (w * (h - 1), -w, 1),
            SKEncodedOrigin.RightBottom => ((w * h) - 1, -w, -1),
            _ => (w - 1, w, -1),
        };
        bool isTurned = origin >= SKEncodedOrigin.LeftTop;
        SKBitmap upright = Allocate(bitmap.Info.WithSize(isTurned ? h : w, isTurned ? w : h));
        using SKBitmap source = bitmap;
        ReadOnlySpan<uint> from = Pixels(source);
        Span<uint> to = Pixels(upright);
        for (int y = 0, next = 0; y < upright.Height; y++)
        {
            int at = first + (y * below);
            for (int x = 0; x < upright.Width; x++, at += right)
                to[next++] = from[at];
        }

        return upright;
    }

    private static SKBitmap Allocate(SKImageInfo info)
    {
        var bitmap = new SKBitmap();
        if (bitmap.TryAllocPixels(info))
            return bitmap;
        bitmap.Dispose();
        throw new InsufficientMemoryException(Invariant($"There is not enough memory for an image of {info.Width}×{info.Height} pixels."));
    }

    // Rows of four bytes a pixel have no gaps between them.
    private static Span<uint> Pixels(SKBitmap bitmap)
    {
        ReadOnlySpan<byte> bytes = bitmap.GetPixelSpan();
        return MemoryMarshal.Cast<byte, uint>(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(bytes), bytes.Length));
    }
}

/// <summary>An image: upright, sRGB, opaque.</summary>
internal sealed class DecodedPicture(SKBitmap bitmap, bool isFlattened) : IDisposable
{
    public int Width => bitmap.Width;

    public int Height => bitmap.Height;

    /// <summary>Whether pixels of the file were transparent and have white underneath now.</summary>
    public bool IsFlattened => isFlattened;

    /// <summary>A copy for ML.NET, whose stages dispose what they get.</summary>
    public MLImage ToMLImage() => MLImage.CreateFromPixels(Width, Height, MLPixelFormat.Bgra32, bitmap.GetPixelSpan());

    public void Dispose() => bitmap.Dispose();
}
