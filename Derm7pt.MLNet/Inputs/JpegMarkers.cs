using System.Buffers.Binary;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Represents the state of a JPEG file as determined from its markers, without decoding.</summary>
/// <remarks>
/// The decoder, libjpeg, replaces data that it cannot read with gray and reports success. A marker at a place where the standard does
/// not allow it shows that the data before it are incomplete. Damage that does not create such a marker is not detected.
/// </remarks>
/// <param name="HasEnd">Whether the file has its end marker; the end marker of a thumbnail within a segment is ignored.</param>
/// <param name="IsBroken">Whether the data of the pixels contain an invalid marker; data after it are not read.</param>
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
                // A byte 0xFF in the data of the pixels.
                case 0:
                    continue;
                case EndOfImage:
                    return new(HasEnd: true, IsBroken: false);
                case >= 0xD0 and <= 0xD7:
                    // Restart markers are numbered cyclically from 0 to 7.
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
                // In sequential frames every component has one scan. Other frames can have any number of scans.
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

    /// <summary>Determines whether a marker, other than a restart or end marker, is allowed after the data of a scan.</summary>
    private static bool MayFollowData(byte marker, bool isLastScan) => marker switch
    {
        // The number of lines, application segments, and comments.
        0xDC or (>= 0xE0 and <= 0xEF) or 0xFE => true,
        // Tables for the next scan, and the start of the next scan.
        0xC4 or 0xCC or 0xDB or RestartInterval or StartOfScan => !isLastScan,
        _ => false,
    };
}
