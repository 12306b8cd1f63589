using SkiaSharp;

namespace Derm7pt.MLNet.Synthetic;

/// <summary>A drawn lesion: its picture and where each task's structure lies in it.</summary>
public sealed class RenderedLesion
{
    private readonly byte[] _rgb;
    private readonly byte[][] _masks;

    internal RenderedLesion(SKBitmap bitmap, byte[][] masks, IReadOnlyList<int> labels, IReadOnlyList<string> rawValues)
    {
        (Width, Height, Labels, RawValues, _masks) = (bitmap.Width, bitmap.Height, [.. labels], rawValues, masks);
        _rgb = new byte[3 * Width * Height];
        ReadOnlySpan<byte> rgba = bitmap.GetPixelSpan();
        for (int i = 0, o = 0; o < _rgb.Length; i += 4, o += 3)
            rgba.Slice(i, 3).CopyTo(_rgb.AsSpan(o));
    }

    /// <summary>The picture's width in pixels.</summary>
    public int Width { get; }

    /// <summary>The picture's height in pixels.</summary>
    public int Height { get; }

    /// <summary>The label that was drawn for each task of <see cref="Taxonomy.Derm7pt"/>.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>The raw value that was drawn for each task, for example <c>arborizing</c>; one of the label's.</summary>
    public IReadOnlyList<string> RawValues { get; }

    /// <summary>The pixels, row by row, as red, green, blue.</summary>
    public ReadOnlyMemory<byte> Rgb => _rgb;

    /// <summary>
    /// Where the structure of a task's label was drawn: one byte per pixel, row by row, 1 inside and 0 outside. Empty of
    /// ones where the label is "absent"; for the diagnosis, the whole lesion.
    /// </summary>
    /// <param name="taskName">The task's name, for example <c>PigmentNetwork</c>.</param>
    /// <exception cref="ArgumentException">The taxonomy has no such task.</exception>
    public ReadOnlyMemory<byte> Mask(string taskName) => _masks[SyntheticLesion.TaskIndex(taskName)];

    /// <summary>Encodes the picture as a JPEG file.</summary>
    /// <param name="quality">The quality, 1 to 100.</param>
    public byte[] ToJpeg(int quality = 85)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        using SKBitmap bitmap = ToBitmap();
        return Encode(bitmap, SKEncodedImageFormat.Jpeg, quality);
    }

    /// <summary>Encodes the picture as a PNG file, without loss.</summary>
    public byte[] ToPng()
    {
        using SKBitmap bitmap = ToBitmap();
        return Encode(bitmap, SKEncodedImageFormat.Png, 100);
    }

    internal static byte[] Encode(SKBitmap bitmap, SKEncodedImageFormat format, int quality)
    {
        using SKData data = bitmap.Encode(format, quality)
            ?? throw new InvalidOperationException($"SkiaSharp could not encode a picture as {format}.");
        return data.ToArray();
    }

    private SKBitmap ToBitmap()
    {
        var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<byte> rgba = bitmap.WritablePixels();
        for (int i = 0, o = 0; o < _rgb.Length; i += 4, o += 3)
        {
            _rgb.AsSpan(o, 3).CopyTo(rgba[i..]);
            rgba[i + 3] = 255;
        }

        return bitmap;
    }
}
