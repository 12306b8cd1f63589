using System.Buffers.Binary;
using SkiaSharp;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Finds damaged image files, for JPEG and PNG without decoding them.</summary>
internal static class ImageCheck
{
    /// <summary>What is wrong with a file, as it follows its name in a sentence; null where nothing was found.</summary>
    /// <remarks>A file can pass and yet be corrupt in its middle, which shows when it is decoded.</remarks>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static string? Describe(string path)
    {
        // SkiaSharp may close the stream that it reads, at once where it finds no image.
        using FileStream file = File.OpenRead(path), head = File.OpenRead(path);
        using SKCodec? codec = file.Length == 0 ? null : SKCodec.Create(head);
        if (ImageDecoder.DescribeHeader(codec, file.Length) is { } problem)
            return problem;
        switch (codec!.EncodedFormat)
        {
            case SKEncodedImageFormat.Jpeg:
                return EndsWith(file, [0xFF, 0xD9]) || HasJpegEnd(File.ReadAllBytes(path)) ? null : ImageDecoder.CutOff;
            case SKEncodedImageFormat.Png:
                return EndsWith(file, PngChunks.End) || PngChunks.HasEnd(File.ReadAllBytes(path)) ? null : ImageDecoder.CutOff;
            default:
                // The others are rare among photographs, and each ends in its own way.
                if (ImageDecoder.TryDecode(path, out DecodedPicture? picture, out string? found))
                    picture.Dispose();
                return found;
        }
    }

    /// <summary>Whether a JPEG has its end marker. That of a thumbnail within a segment does not count.</summary>
    internal static bool HasJpegEnd(ReadOnlySpan<byte> file)
    {
        const byte Mark = 0xFF, EndOfImage = 0xD9;
        for (int found; (found = file.IndexOf(Mark)) >= 0;)
        {
            file = file[found..].TrimStart(Mark);
            if (file.IsEmpty)
                return false;
            byte marker = file[0];
            file = file[1..];
            switch (marker)
            {
                case EndOfImage:
                    return true;
                // A byte 0xFF of the pixels' data, restart markers and the start of the image: no segment follows.
                case 0 or 1 or (>= 0xD0 and <= 0xD8):
                    continue;
            }

            if (file.Length < sizeof(ushort) || BinaryPrimitives.ReadUInt16BigEndian(file) is var length && length > file.Length)
                return false;
            file = file[length..];
        }

        return false;
    }

    private static bool EndsWith(FileStream file, ReadOnlySpan<byte> end)
    {
        if (file.Length < end.Length)
            return false;
        Span<byte> last = stackalloc byte[end.Length];
        file.Position = file.Length - end.Length;
        file.ReadExactly(last);
        return last.SequenceEqual(end);
    }
}
