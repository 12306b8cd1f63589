using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.Data;
using SkiaSharp;

namespace ScoreImages;

/// <summary>The pixels of an image file, the same ones that ML.NET's LoadImages reads.</summary>
/// <remarks>
/// LoadImages throws in the middle of a batch where a file is no image, and says nothing where the end of a file is
/// missing: what could not be decoded is then grey or black, and is scored. Decoding here tells of either, file by file.
/// </remarks>
internal sealed class DecodedImage
{
    private readonly byte[] _pixels;
    private readonly int _width;
    private readonly int _height;

    private DecodedImage(string file, byte[] pixels, int width, int height) =>
        (File, _pixels, _width, _height) = (file, pixels, width, height);

    public string File { get; }

    public static bool TryRead(string file, [NotNullWhen(true)] out DecodedImage? image, [NotNullWhen(false)] out string? problem)
    {
        image = null;
        try
        {
            using SKData data = SKData.CreateCopy(System.IO.File.ReadAllBytes(file));
            problem = data.IsEmpty ? "the file is empty." : Decode(file, data, out image);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
        }

        return problem is null;
    }

    /// <summary>An image for ML.NET, which disposes it.</summary>
    public MLImage ToMLImage() => MLImage.CreateFromPixels(_width, _height, MLPixelFormat.Bgra32, _pixels);

    private static string? Decode(string file, SKData data, out DecodedImage? image)
    {
        image = null;
        using var codec = SKCodec.Create(data);
        if (codec is null)
            return "it is not an image that can be decoded.";
        // As SKBitmap.Decode does it for LoadImages: premultiplied, and without a colour space, so that none is converted.
        SKImageInfo info = new(
            codec.Info.Width, codec.Info.Height, SKColorType.Bgra8888,
            codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Premul);
        if (info.BytesSize64 > Array.MaxLength)
            return $"{info.Width}×{info.Height} pixels are too many.";
        switch (codec.GetPixels(info, out byte[] pixels))
        {
            case SKCodecResult.Success:
                image = new DecodedImage(file, pixels, info.Width, info.Height);
                return null;
            case SKCodecResult.IncompleteInput:
                return "the end of the image is missing.";
            case var result:
                return $"it is corrupt ({result}).";
        }
    }
}
