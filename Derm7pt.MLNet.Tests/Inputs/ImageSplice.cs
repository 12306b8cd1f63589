using System.Buffers.Binary;
using System.IO.Compression;

namespace Derm7pt.MLNet.Tests.Inputs;

/// <summary>Adds metadata to image files that SkiaSharp cannot write.</summary>
internal static class ImageSplice
{
    /// <summary>AdobeRGB (1998) as a profile of version 2: three primaries adapted to D50, and a gamma of 563/256.</summary>
    public static byte[] AdobeRgb { get; } = Profile(
        "RGB ",
        ("rXYZ", Xyz(0.60974, 0.31111, 0.01947)), ("gXYZ", Xyz(0.20528, 0.62567, 0.06087)), ("bXYZ", Xyz(0.14919, 0.06322, 0.74457)),
        ("rTRC", Gamma563), ("gTRC", Gamma563), ("bTRC", Gamma563));

    /// <summary>Display P3: its primaries adapted to D50, and the curve of sRGB.</summary>
    public static byte[] DisplayP3 { get; } = Profile(
        "RGB ",
        ("rXYZ", Xyz(0.51512, 0.24120, -0.00105)), ("gXYZ", Xyz(0.29198, 0.69225, 0.04189)), ("bXYZ", Xyz(0.15710, 0.06657, 0.78407)),
        ("rTRC", SrgbCurve), ("gTRC", SrgbCurve), ("bTRC", SrgbCurve));

    /// <summary>A gray profile whose values are proportional to light.</summary>
    public static byte[] LinearGray { get; } = Profile("GRAY", ("wtpt", Xyz(0.9642, 1, 0.8249)), ("kTRC", [.. "curv"u8, 0, 0, 0, 0, 0, 0, 0, 0]));

    private static byte[] SrgbCurve =>
        [.. "para"u8, 0, 0, 0, 0, 0, 3, 0, 0, .. Fixed(2.4), .. Fixed(1 / 1.055), .. Fixed(0.055 / 1.055), .. Fixed(1 / 12.92), .. Fixed(0.04045)];

    private static byte[] Gamma563 => [.. "curv"u8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0x33, 0, 0];

    /// <summary>Adds an orientation to a JPEG.</summary>
    public static byte[] WithOrientation(byte[] jpeg, int orientation) => WithSegment(jpeg, 0xE1, [.. "Exif\0\0"u8, .. Exif(orientation)]);

    /// <summary>Adds an orientation to a PNG.</summary>
    public static byte[] PngWithOrientation(byte[] png, int orientation) => WithChunk(png, "eXIf"u8, Exif(orientation));

    /// <summary>Adds an orientation to a WebP that has no extended header yet.</summary>
    public static byte[] WebpWithOrientation(byte[] webp, int width, int height, int orientation)
    {
        const int Head = 12;
        const byte HasExif = 8;
        byte[] header = [HasExif, 0, 0, 0, .. LittleEndian((uint)width - 1)[..3], .. LittleEndian((uint)height - 1)[..3]], exif = Exif(orientation);
        byte[] body =
        [
            .. "WEBPVP8X"u8, .. LittleEndian((uint)header.Length), .. header, .. webp[Head..],
            .. "EXIF"u8, .. LittleEndian((uint)exif.Length), .. exif,
        ];
        return [.. "RIFF"u8, .. LittleEndian((uint)body.Length), .. body];
    }

    /// <summary>Adds a color profile to a JPEG.</summary>
    public static byte[] WithProfile(byte[] jpeg, byte[] profile) => WithSegment(jpeg, 0xE2, [.. "ICC_PROFILE\0"u8, 1, 1, .. profile]);

    /// <summary>Adds a color profile to a PNG.</summary>
    public static byte[] PngWithProfile(byte[] png, byte[] profile)
    {
        using var packed = new MemoryStream();
        using (var zip = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            zip.Write(profile);
        return WithChunk(png, "iCCP"u8, [.. "test"u8, 0, 0, .. packed.ToArray()]);
    }

    /// <summary>Adds a chunk after the header of a PNG.</summary>
    public static byte[] WithChunk(byte[] png, ReadOnlySpan<byte> type, byte[] content)
    {
        const int HeaderEnd = 33;
        return [.. png[..HeaderEnd], .. Chunk(type, content), .. png[HeaderEnd..]];
    }

    /// <summary>Creates a chunk of a PNG, with its length and checksum.</summary>
    public static byte[] Chunk(ReadOnlySpan<byte> type, byte[] content)
    {
        byte[] body = [.. type, .. content];
        return [.. BigEndian((uint)content.Length), .. body, .. BigEndian(Checksum(body))];
    }

    private static byte[] WithSegment(byte[] jpeg, byte marker, byte[] content) =>
        [.. jpeg[..2], 0xFF, marker, .. BigEndian((uint)content.Length + 2)[2..], .. content, .. jpeg[2..]];

    // The directory has one entry: tag 0x112, of type short.
    private static byte[] Exif(int orientation) =>
        [.. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];

    private static byte[] Profile(string space, params (string Name, byte[] Value)[] tags)
    {
        const int HeaderLength = 128;
        int start = HeaderLength + 4 + (12 * tags.Length), at = start;
        var table = new List<byte>(BigEndian((uint)tags.Length));
        foreach ((string name, byte[] value) in tags)
        {
            table.AddRange([.. System.Text.Encoding.ASCII.GetBytes(name), .. BigEndian((uint)at), .. BigEndian((uint)value.Length)]);
            at += value.Length;
        }

        byte[] header =
        [
            .. BigEndian((uint)at), 0, 0, 0, 0, 2, 0x10, 0, 0, .. "mntr"u8, .. System.Text.Encoding.ASCII.GetBytes(space), .. "XYZ "u8, .. new byte[12], .. "acsp"u8, .. new byte[28],
            .. Fixed(0.9642), .. Fixed(1), .. Fixed(0.8249),
        ];
        return [.. header, .. new byte[HeaderLength - header.Length], .. table, .. tags.SelectMany(tag => tag.Value)];
    }

    private static byte[] Xyz(double x, double y, double z) => [.. "XYZ "u8, 0, 0, 0, 0, .. Fixed(x), .. Fixed(y), .. Fixed(z)];

    private static byte[] Fixed(double value) => BigEndian((uint)(int)Math.Round(value * 65536));

    private static byte[] LittleEndian(uint value) => [.. BigEndian(value).Reverse()];

    private static byte[] BigEndian(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static uint Checksum(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }

        return ~crc;
    }
}
