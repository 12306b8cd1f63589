using System.Numerics;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Extracts one color from pixels of four interleaved bytes, with vector instructions.</summary>
/// <remarks>A pixel is read as a little-endian number. The library requires a little-endian processor elsewhere too.</remarks>
internal static class PixelPlanes
{
    /// <param name="pixels">The pixels.</param>
    /// <param name="shift">The bit offset of the color within a pixel.</param>
    /// <param name="plane">Receives the bytes of the color; it has the length of <paramref name="pixels"/>.</param>
    public static void Extract(ReadOnlySpan<uint> pixels, int shift, Span<byte> plane)
    {
        int i = 0, width = Vector<uint>.Count;
        for (; i <= pixels.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector<ushort> low = Vector.Narrow(Colour(pixels[i..], shift), Colour(pixels[(i + width)..], shift));
            Vector<ushort> high = Vector.Narrow(Colour(pixels[(i + (2 * width))..], shift), Colour(pixels[(i + (3 * width))..], shift));
            Vector.Narrow(low, high).CopyTo(plane[i..]);
        }

        for (; i < pixels.Length; i++)
            plane[i] = (byte)(pixels[i] >> shift);
    }

    /// <param name="pixels">The pixels.</param>
    /// <param name="shift">The bit offset of the color within a pixel.</param>
    /// <param name="scale">The factor of the bytes.</param>
    /// <param name="plane">Receives the products; it has the length of <paramref name="pixels"/>.</param>
    public static void Extract(ReadOnlySpan<uint> pixels, int shift, float scale, Span<float> plane)
    {
        int i = 0;
        for (; i <= pixels.Length - Vector<uint>.Count; i += Vector<uint>.Count)
            (Vector.ConvertToSingle(Vector.AsVectorInt32(Colour(pixels[i..], shift))) * scale).CopyTo(plane[i..]);

        for (; i < pixels.Length; i++)
            plane[i] = (byte)(pixels[i] >> shift) * scale;
    }

    private static Vector<uint> Colour(ReadOnlySpan<uint> pixels, int shift) => (new Vector<uint>(pixels) >> shift) & new Vector<uint>(byte.MaxValue);
}
