using System.Buffers.Binary;
using SkiaSharp;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Reads properties of a PNG file that Skia does not provide: the EXIF orientation, and whether it has a color profile and an end.</summary>
internal static class PngChunks
{
    private const int SignatureLength = 8, HeadLength = 8, ChecksumLength = 4;

    /// <summary>The last chunk, which is the same in all files because it has no content.</summary>
    public static ReadOnlySpan<byte> End => [0, 0, 0, 0, (byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xAE, 0x42, 0x60, 0x82];

    /// <summary>Reads the orientation from the EXIF chunk; upright if there is none or if it cannot be read.</summary>
    public static SKEncodedOrigin Orientation(ReadOnlySpan<byte> file)
    {
        const ushort OrientationTag = 0x112;
        const int EntryLength = 12;
        ReadOnlySpan<byte> exif = Find(file, "eXIf"u8, out _);
        if (exif.Length < 8 || !(exif.StartsWith("II*\0"u8) || exif.StartsWith("MM\0*"u8)))
            return SKEncodedOrigin.TopLeft;
        bool isLittle = exif[0] == 'I';
        uint directory = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]) : BinaryPrimitives.ReadUInt32BigEndian(exif[4..]);
        if (directory > exif.Length - sizeof(ushort))
            return SKEncodedOrigin.TopLeft;
        ReadOnlySpan<byte> entries = exif[(int)directory..];
        int count = Short(entries);
        entries = entries[sizeof(ushort)..];
        for (; count > 0 && entries.Length >= EntryLength; count--, entries = entries[EntryLength..])
        {
            if (Short(entries) == OrientationTag)
                return Short(entries[8..]) is >= 1 and <= 8 and var value ? (SKEncodedOrigin)value : SKEncodedOrigin.TopLeft;
        }

        return SKEncodedOrigin.TopLeft;

        ushort Short(ReadOnlySpan<byte> bytes) =>
            isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }

    /// <summary>Determines whether the file has an ICC profile, valid or not.</summary>
    public static bool HasProfile(ReadOnlySpan<byte> file)
    {
        Find(file, "iCCP"u8, out bool isFound);
        return isFound;
    }

    /// <summary>Determines whether the file is complete up to its last chunk; data after it are ignored.</summary>
    public static bool HasEnd(ReadOnlySpan<byte> file)
    {
        Find(file, "IEND"u8, out bool isFound);
        return isFound;
    }

    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> file, ReadOnlySpan<byte> type, out bool isFound)
    {
        isFound = false;
        if (file.Length < SignatureLength)
            return default;
        for (ReadOnlySpan<byte> rest = file[SignatureLength..]; rest.Length >= HeadLength + ChecksumLength;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - HeadLength - ChecksumLength)
                break;
            if (rest.Slice(4, 4).SequenceEqual(type))
            {
                isFound = true;
                return rest.Slice(HeadLength, (int)length);
            }

            rest = rest[(HeadLength + (int)length + ChecksumLength)..];
        }

        return default;
    }
}
