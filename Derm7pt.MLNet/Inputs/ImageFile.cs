using Microsoft.ML.Data;
using SkiaSharp;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Decodes image files as ML.NET's LoadImages does, but a JPEG no larger than is wanted of it.</summary>
internal static class ImageFile
{
    // libjpeg's inverse cosine transform gives an image at 1/8, 2/8, … of its size. At 7/8 it takes longer than in full.
    private const int JpegScales = 8, LargestReducedScale = 6;

    /// <summary>Decodes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">The image must have at least this width, if the file's has.</param>
    /// <param name="height">The image must have at least this height, if the file's has.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no image, or a part of it is missing; the message names it.</exception>
    public static MLImage Load(string path, int width, int height)
    {
        using SKData data = Read(path);
        using var codec = SKCodec.Create(data);
        if (codec is null)
            throw new InvalidDataException($"'{path}' is not an image that can be decoded.");

        SKSizeI size = SmallestSize(codec, width, height);

        // As SKBitmap.Decode does it for LoadImages: premultiplied, without a colour space, so that none is converted, and not
        // turned as EXIF tells.
        SKImageInfo info = codec.Info.WithSize(size.Width, size.Height).WithColorSpace(null);
        if (info.AlphaType == SKAlphaType.Unpremul)
            info = info.WithAlphaType(SKAlphaType.Premul);
        using var bitmap = new SKBitmap();
        if ((long)size.Width * size.Height * sizeof(int) > Array.MaxLength || !bitmap.TryAllocPixels(info))
            throw new InvalidDataException($"'{path}' is too large: {size.Width}×{size.Height} pixels.");
        switch (codec.GetPixels(info, bitmap.GetPixels()))
        {
            case SKCodecResult.Success:
                MLImage image = ToMLImage(bitmap);
                image.Tag = path;
                return image;
            case SKCodecResult.IncompleteInput:
                throw new InvalidDataException($"'{path}' is cut off: the end of the image is missing.");
            case var result:
                throw new InvalidDataException($"'{path}' is corrupt ({result}).");
        }
    }

    /// <summary>The smallest size at which the codec decodes the image itself and that is not below what is wanted.</summary>
    internal static SKSizeI SmallestSize(SKCodec codec, int width, int height)
    {
        // Other formats offer sizes too, but by leaving pixels out.
        for (int scale = 1; codec.EncodedFormat == SKEncodedImageFormat.Jpeg && scale <= LargestReducedScale; scale++)
        {
            SKSizeI size = codec.GetScaledDimensions(scale / (float)JpegScales);
            if (size.Width >= width && size.Height >= height)
                return size;
        }

        return codec.Info.Size;
    }

    private static SKData Read(string path)
    {
        try
        {
            return SKData.CreateCopy(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException($"There is no image file '{path}'.", path, e);
        }
    }

    private static MLImage ToMLImage(SKBitmap bitmap)
    {
        switch (bitmap.ColorType)
        {
            case SKColorType.Bgra8888:
                return MLImage.CreateFromPixels(bitmap.Width, bitmap.Height, MLPixelFormat.Bgra32, bitmap.GetPixelSpan());
            case SKColorType.Rgba8888:
                return MLImage.CreateFromPixels(bitmap.Width, bitmap.Height, MLPixelFormat.Rgba32, bitmap.GetPixelSpan());
            default:
                // Grey images, mostly.
                using (SKBitmap colour = bitmap.Copy(SKColorType.Bgra8888))
                    return MLImage.CreateFromPixels(colour.Width, colour.Height, MLPixelFormat.Bgra32, colour.GetPixelSpan());
        }
    }
}
