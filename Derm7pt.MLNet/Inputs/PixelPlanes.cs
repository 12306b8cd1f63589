using System.Numerics;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Takes one color out of pixels of four interleaved bytes, many pixels at a time.</summary>
/// <remarks>A pixel is read as a number, the first of its bytes the lowest: on the little-endian processors that all others here need too.</remarks>
internal static class PixelPlanes
{
    /// <param name="pixels">The pixels.</param>
    /// <param name="shift">By how many bits the color is shifted within a pixel.</param>
    /// <param name="plane">Receives the color's bytes; as long as <paramref name="pixels"/>.</param>
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
    /// <param name="shift">By how many bits the color is shifted within a pixel.</param>
    /// <param name="scale">What its bytes are multiplied by.</param>
    /// <param name="plane">Receives the products; as long as <paramref name="pixels"/>.</param>
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
