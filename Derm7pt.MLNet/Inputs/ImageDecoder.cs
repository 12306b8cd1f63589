using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using SkiaSharp;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Decodes image files. All code of this library that decodes files uses this class, so that pixels are always the same.</summary>
/// <remarks>
/// <para>
/// For a file without orientation, color profile and transparency, the pixels are identical to those of ML.NET's LoadImages. The
/// EXIF orientation is applied. Colors with an ICC profile are converted to sRGB; a profile that cannot be read is ignored.
/// Transparent pixels are composited on white.
/// </para>
/// <para>
/// The background is white as in viewers, browsers and on paper, so that an image is scored as it is displayed. If transparency were
/// dropped instead, the pixels would be black, which is a color of malignant structures.
/// </para>
/// <para>
/// This file, <see cref="PngChunks"/> and <see cref="JpegMarkers"/> depend on nothing else of the library, so that samples/ScoreImages,
/// which scores without it, compiles them too.
/// </para>
/// </remarks>
internal static class ImageDecoder
{
    /// <summary>The maximum number of pixels of a file. A small file can declare more pixels than fit in memory.</summary>
    public const long MaximumPixels = 100_000_000;

    /// <summary>The problem of a file whose end is missing, as it follows the file's name in a sentence.</summary>
    public const string CutOff = "is cut off: the end of the image is missing.";

    /// <summary>The problem of a JPEG whose data are incomplete, as it follows the file's name in a sentence.</summary>
    public const string Broken = "is damaged: a marker stands within its data where none can be.";

    // libjpeg's inverse cosine transform can decode an image at 1/8, 2/8, … of its size. Decoding at 7/8 takes longer than in full.
    private const int JpegScales = 8, LargestReducedScale = 6;

    /// <summary>Decodes a file in full.</summary>
    /// <inheritdoc cref="TryDecode(string, int, int, out DecodedPicture?, out string?)"/>
    public static bool TryDecode(
        string path, [NotNullWhen(true)] out DecodedPicture? picture, [NotNullWhen(false)] out string? problem) =>
        TryDecode(path, int.MaxValue, int.MaxValue, out picture, out problem);

    /// <summary>Decodes a file; a JPEG is decoded at the smallest size that has the required width and height.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">The minimum width of the decoded image, if the file has it.</param>
    /// <param name="height">The minimum height of the decoded image, if the file has it.</param>
    /// <param name="picture">The pixels.</param>
    /// <param name="problem">The problem of the file, as it follows the file's name in a sentence.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the file is denied.</exception>
    /// <exception cref="OutOfMemoryException">The pixels do not fit in memory.</exception>
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

    /// <summary>Describes the problem that the header of a file shows, as it follows the file's name in a sentence; null if there is none.</summary>
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

    /// <summary>Finds the smallest size at which the codec can decode the image and that is not below the required size.</summary>
    public static SKSizeI SmallestSize(SKCodec codec, int width, int height)
    {
        // Codecs of other formats reduce the size by skipping pixels.
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

        // Skia treats the gamma that a PNG without profile may declare as a profile. LoadImages and most programs ignore it.
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

    /// <returns>Whether any pixel was transparent; otherwise the pixels are unchanged.</returns>
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
            // Colors are premultiplied and therefore at most alpha, so that no byte overflows. Alpha becomes 255.
            pixel += (Opaque - alpha) * 0x01010101;
        }

        return isTransparent;
    }

    /// <summary>Rotates and mirrors an image so that it is upright; the original is disposed.</summary>
    private static SKBitmap Turn(SKBitmap bitmap, SKEncodedOrigin origin)
    {
        if (origin is <= SKEncodedOrigin.TopLeft or > SKEncodedOrigin.LeftBottom)
            return bitmap;
        (int w, int h) = (bitmap.Width, bitmap.Height);
        // The index of the pixel that moves to the upper left corner, and the offsets to its right and lower neighbors.
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

    // Rows with four bytes per pixel have no padding.
    private static Span<uint> Pixels(SKBitmap bitmap)
    {
        ReadOnlySpan<byte> bytes = bitmap.GetPixelSpan();
        return MemoryMarshal.Cast<byte, uint>(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(bytes), bytes.Length));
    }
}

/// <summary>Represents a decoded image, which is upright, opaque and in sRGB.</summary>
internal sealed class DecodedPicture(SKBitmap bitmap, bool isFlattened) : IDisposable
{
    public int Width => bitmap.Width;

    public int Height => bitmap.Height;

    /// <summary>Whether the file had transparent pixels, which were composited on white.</summary>
    public bool IsFlattened => isFlattened;

    /// <summary>Creates a copy for ML.NET, whose stages dispose the images that they receive.</summary>
    public MLImage ToMLImage() => MLImage.CreateFromPixels(Width, Height, MLPixelFormat.Bgra32, bitmap.GetPixelSpan());

    public void Dispose() => bitmap.Dispose();
}
