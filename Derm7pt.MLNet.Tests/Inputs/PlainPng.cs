using System.IO.Compression;

namespace Derm7pt.MLNet.Tests.Inputs;

/// <summary>Writes PNGs of every color type and bit depth.</summary>
internal static class PlainPng
{
    public const byte Gray = 0, Rgb = 2, Palette = 3, GrayAlpha = 4, Rgba = 6;

    /// <param name="width">Width in pixels.</param>
    /// <param name="depth">Bits per sample.</param>
    /// <param name="type">The color type.</param>
    /// <param name="rows">The packed samples, row by row.</param>
    /// <param name="chunks">The chunks between the header and the pixels.</param>
    public static byte[] Write(int width, byte depth, byte type, byte[][] rows, params (string Type, byte[] Content)[] chunks)
    {
        using var packed = new MemoryStream();
        using (var zip = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (byte[] row in rows)
                zip.Write([0, .. row]);
        }

        return
        [
            0x89, .. "PNG\r\n"u8, 0x1A, 0x0A,
            .. Chunk("IHDR", [0, 0, (byte)(width >> 8), (byte)width, 0, 0, (byte)(rows.Length >> 8), (byte)rows.Length, depth, type, 0, 0, 0]),
            .. chunks.SelectMany(chunk => Chunk(chunk.Type, chunk.Content)), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", []),
        ];
    }

    private static byte[] Chunk(string type, byte[] content) => ImageSplice.Chunk(System.Text.Encoding.ASCII.GetBytes(type), content);
}
