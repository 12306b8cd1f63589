using SkiaSharp;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Finds damaged image files. JPEG and PNG files are not decoded.</summary>
internal static class ImageCheck
{
    /// <summary>Describes the problem of a file, as it follows the file's name in a sentence; null if no problem was found.</summary>
    /// <remarks>
    /// A file that passes the check can still contain corrupt data. A PNG is then rejected when it is decoded. For a JPEG, the decoder
    /// fills in the data that it cannot read, and only the damage that <see cref="JpegMarkers"/> finds is rejected.
    /// </remarks>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the file is denied.</exception>
    public static string? Describe(string path)
    {
        // SkiaSharp may close the stream that it reads, immediately if it finds no image.
        using FileStream file = File.OpenRead(path), head = File.OpenRead(path);
        using SKCodec? codec = file.Length == 0 ? null : SKCodec.Create(head);
        if (ImageDecoder.DescribeHeader(codec, file.Length) is { } problem)
            return problem;
        switch (codec!.EncodedFormat)
        {
            case SKEncodedImageFormat.Jpeg:
                var markers = JpegMarkers.Read(File.ReadAllBytes(path));
                return markers.IsBroken ? ImageDecoder.Broken : markers.HasEnd ? null : ImageDecoder.CutOff;
            case SKEncodedImageFormat.Png:
                return EndsWith(file, PngChunks.End) || PngChunks.HasEnd(File.ReadAllBytes(path)) ? null : ImageDecoder.CutOff;
            default:
                // Other formats are rare among photographs and have no common end marker, so they are decoded.
                if (ImageDecoder.TryDecode(path, out DecodedPicture? picture, out string? found))
                    picture.Dispose();
                return found;
        }
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
