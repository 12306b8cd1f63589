using SkiaSharp;

namespace Derm7pt.MLNet.Synthetic;

/// <summary>
/// How much of every pixel a structure covers, over the picture's central square. Structures are drawn in *units*: the
/// square is <see cref="Units"/> wide whatever the picture's size, and its center is the origin.
/// </summary>
internal sealed class Stencil : IDisposable
{
    public const float Units = 512;

    private readonly SKBitmap _bitmap;

    public Stencil(int side)
    {
        Side = side;
        PixelsPerUnit = side / Units;
        _bitmap = new SKBitmap(new SKImageInfo(side, side, SKColorType.Alpha8, SKAlphaType.Premul));
        Stride = _bitmap.RowBytes;
        Canvas = new SKCanvas(_bitmap);
        Canvas.Translate(side / 2f, side / 2f);
        Canvas.Scale(PixelsPerUnit);
    }

    public int Side { get; }

    public float PixelsPerUnit { get; }

    public SKCanvas Canvas { get; }

    /// <summary>Row-major coverage, one byte per pixel; rows can be padded: see <see cref="Stride"/>.</summary>
    public Span<byte> Coverage => _bitmap.WritablePixels();

    public int Stride { get; }

    public Span<byte> Row(int y) => Coverage.Slice(y * Stride, Side);

    public void Clear() => Canvas.Clear(SKColors.Transparent);

    public float ToUnits(int pixel) => ((pixel + 0.5f) / PixelsPerUnit) - (Units / 2);

    /// <summary>Sets the coverage from a function of the place, where <paramref name="within"/> leaves any room.</summary>
    public void Fill(Func<float, float, float> coverage, byte[] within)
    {
        Span<byte> own = Coverage;
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                byte room = within[(y * Side) + x];
                own[(y * Stride) + x] = room == 0
                    ? (byte)0
                    : (byte)(Math.Clamp(coverage(ToUnits(x), ToUnits(y)), 0f, 1f) * room);
            }
        }
    }

    /// <summary>Multiplies the coverage by another one, so that nothing reaches beyond it.</summary>
    public void ClipTo(byte[] within)
    {
        Span<byte> own = Coverage;
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                ref byte pixel = ref own[(y * Stride) + x];
                pixel = (byte)(pixel * within[(y * Side) + x] / 255);
            }
        }
    }

    public byte[] Snapshot()
    {
        var copy = new byte[Side * Side];
        for (int y = 0; y < Side; y++)
            Row(y).CopyTo(copy.AsSpan(y * Side));
        return copy;
    }

    public void Dispose()
    {
        Canvas.Dispose();
        _bitmap.Dispose();
    }
}
