using SkiaSharp;

namespace Derm7pt.MLNet.Synthetic;

internal static class BitmapExtensions
{
    /// <summary>The bitmap's own bytes, to write to: SkiaSharp's span of them is read-only. Keep the bitmap alive.</summary>
    public static unsafe Span<byte> WritablePixels(this SKBitmap bitmap) =>
        new(bitmap.GetPixels().ToPointer(), bitmap.RowBytes * bitmap.Height);
}
