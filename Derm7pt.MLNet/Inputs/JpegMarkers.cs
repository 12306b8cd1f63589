using System.Buffers.Binary;

namespace Derm7pt.MLNet.Inputs;

/// <summary>What the markers of a JPEG show without decoding it.</summary>
/// <remarks>
/// libjpeg, which decodes, replaces data that it cannot read by gray and reports success. Where a marker stands that cannot be there by
/// the standard, the data before it are not whole. Damage that happens to make no such marker is not found.
/// </remarks>
/// <param name="HasEnd">Whether the file has its end marker; that of a thumbnail within a segment does not count.</param>
/// <param name="IsBroken">Whether a marker within the pixels' data cannot be there; what follows it is not looked at.</param>
internal readonly record struct JpegMarkers(bool HasEnd, bool IsBroken)
{
    private const byte Mark = 0xFF, StartOfImage = 0xD8, EndOfImage = 0xD9, StartOfScan = 0xDA, RestartInterval = 0xDD;

    /// <summary>Reads the markers of a file.</summary>
    public static JpegMarkers Read(ReadOnlySpan<byte> file)
    {
        bool isInScan = false, hasOneScan = false, hasRestarts = false;
        int frameComponents = 0, restart = 0;
        for (int found; (found = file.IndexOf(Mark)) >= 0;)
        {
            file = file[found..].TrimStart(Mark);
            if (file.IsEmpty)
                break;
            byte marker = file[0];
            file = file[1..];
            switch (marker)
            {
                // A byte 0xFF of the pixels' data.
                case 0:
                    continue;
                case EndOfImage:
                    return new(HasEnd: true, IsBroken: false);
                case >= 0xD0 and <= 0xD7:
                    // Restart markers are numbered round and round from 0 to 7.
                    if (isInScan && (!hasRestarts || (marker & 7) != restart))
                        return new(HasEnd: false, IsBroken: true);
                    restart = (restart + 1) & 7;
                    continue;
            }

            if (isInScan && !MayFollowData(marker, hasOneScan))
                return new(HasEnd: false, IsBroken: true);
            if (marker is 1 or StartOfImage)
                continue;
            if (file.Length < sizeof(ushort) || BinaryPrimitives.ReadUInt16BigEndian(file) is var length && length > file.Length)
                break;
            ReadOnlySpan<byte> content = file[Math.Min(sizeof(ushort), (int)length)..length];
            isInScan = marker == StartOfScan;
            switch (marker)
            {
                // Sequential frames, in which every component has one scan. Other frames have any number of them.
                case 0xC0 or 0xC1 when content.Length > 5:
                    frameComponents = content[5];
                    break;
                case RestartInterval when content.Length >= sizeof(ushort):
                    hasRestarts = BinaryPrimitives.ReadUInt16BigEndian(content) > 0;
                    break;
                case StartOfScan when content.Length > 0:
                    hasOneScan = content[0] == frameComponents;
                    restart = 0;
                    break;
            }

            file = file[length..];
        }

        return new(HasEnd: false, IsBroken: false);
    }

    /// <summary>Determines whether a marker other than of a restart and of the end may stand behind the data of a scan.</summary>
    private static bool MayFollowData(byte marker, bool isLastScan) => marker switch
    {
        // The number of lines, what belongs to applications, and comments.
        0xDC or (>= 0xE0 and <= 0xEF) or 0xFE => true,
        // Tables for the next scan, and its start.
        0xC4 or 0xCC or 0xDB or RestartInterval or StartOfScan => !isLastScan,
        _ => false,
    };
}
