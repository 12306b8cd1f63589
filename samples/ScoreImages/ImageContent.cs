using SkiaSharp;

namespace ScoreImages;

/// <summary>Decides by the content of a file, not by its name, whether it is an image.</summary>
internal static class ImageContent
{
    private const string NotDecodable = "it is not an image that can be decoded.";

    // The signature of DICOM follows 128 bytes.
    private const int HeadLength = 132;

    // A file with one of these extensions counts as an image, even if its content is not one.
    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".dib", ".webp", ".ico", ".wbmp",
        ".tif", ".tiff", ".heic", ".heif", ".avif", ".jp2", ".j2k", ".jxl", ".jxr", ".psd", ".dcm", ".exr", ".tga", ".qoi",
        ".pbm", ".pgm", ".ppm", ".pnm", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".raf", ".rw2", ".svg",
    };

    /// <summary>Reads as much of a file as is needed to classify it.</summary>
    public static ContentKind Examine(string file, out string? problem)
    {
        problem = null;
        try
        {
            // Pipes and devices have the length zero as well, and opening one could block forever.
            if (new FileInfo(file).Length == 0)
                return NotAnImage("the file is empty.", out problem);
            byte[] head = ReadHead(file);
            using var codec = SKCodec.Create(file);
            if (codec is not null && IsCertain(codec.EncodedFormat))
                return ContentKind.Image;
            problem = DescribeUnsupported(head);
            return problem is null ? NotAnImage(NotDecodable, out problem) : ContentKind.UnreadableImage;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
            return ContentKind.UnreadableImage;
        }

        ContentKind NotAnImage(string why, out string? problem)
        {
            bool isMeant = Extensions.Contains(Path.GetExtension(file));
            problem = isMeant ? why : null;
            return isMeant ? ContentKind.UnreadableImage : ContentKind.Other;
        }

        // The header of WBMP is two bytes of zero, which files of many kinds begin with.
        bool IsCertain(SKEncodedImageFormat format) =>
            format != SKEncodedImageFormat.Wbmp || Path.GetExtension(file).Equals(".wbmp", StringComparison.OrdinalIgnoreCase);
    }

    private static byte[] ReadHead(string file)
    {
        using FileStream stream = File.OpenRead(file);
        var head = new byte[HeadLength];
        return head[..stream.ReadAtLeast(head, HeadLength, throwOnEndOfStream: false)];
    }

    /// <summary>Describes a file that begins like an image although the decoder does not recognize it; null for any other file.</summary>
    private static string? DescribeUnsupported(ReadOnlySpan<byte> head)
    {
        string? decodable = head switch
        {
            [0xFF, 0xD8, 0xFF, ..] => "JPEG",
            [0x89, 0x50, 0x4E, 0x47, ..] => "PNG",
            [0x52, 0x49, 0x46, 0x46, _, _, _, _, 0x57, 0x45, 0x42, 0x50, ..] => "WebP",
            [0x47, 0x49, 0x46, 0x38, ..] => "GIF",
            _ => null,
        };
        if (decodable is not null)
            return $"it is a damaged {decodable} image.";
        string? other = head switch
        {
            [0x49, 0x49, 0x2A or 0x2B, 0, ..] or [0x4D, 0x4D, 0, 0x2A or 0x2B, ..] => "TIFF",
            [_, _, _, _, 0x66, 0x74, 0x79, 0x70, .. var brand] => HeifFormat(brand),
            [0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20, ..] or [0xFF, 0x4F, 0xFF, 0x51, ..] => "JPEG 2000",
            [0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20, ..] or [0xFF, 0x0A, ..] => "JPEG XL",
            [0x49, 0x49, 0xBC, ..] => "JPEG XR",
            [0x38, 0x42, 0x50, 0x53, ..] => "Photoshop",
            [0x76, 0x2F, 0x31, 0x01, ..] => "OpenEXR",
            [0x71, 0x6F, 0x69, 0x66, ..] => "QOI",
            { Length: HeadLength } when head[128..].SequenceEqual("DICM"u8) => "DICOM",
            _ => null,
        };
        return other is null ? null : $"{other} images cannot be decoded here; convert it to PNG or JPEG.";
    }

    // Videos have other brands.
    private static string? HeifFormat(ReadOnlySpan<byte> brand) => brand switch
    {
        [0x61, 0x76, 0x69, 0x66 or 0x73, ..] => "AVIF",
        [0x68, 0x65, 0x69 or 0x76, _, ..] or [0x6D, 0x69, 0x66, 0x31, ..] or [0x6D, 0x73, 0x66, 0x31, ..] => "HEIF",
        _ => null,
    };
}

internal enum ContentKind
{
    /// <summary>The decoder recognizes the file, which may still be damaged.</summary>
    Image,

    /// <summary>The file is an image by its name or its first bytes, but the decoder does not recognize it, or it cannot be read.</summary>
    UnreadableImage,

    /// <summary>The file is not an image.</summary>
    Other,
}
