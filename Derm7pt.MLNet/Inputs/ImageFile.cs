using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Loads image files for a column of images.</summary>
internal static class ImageFile
{
    /// <summary>Decodes a file; a JPEG is decoded at the smallest size that has the required width and height.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">The minimum width of the image, if the file has it.</param>
    /// <param name="height">The minimum height of the image, if the file has it.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is not an image, is too large, or is incomplete; the message names it.</exception>
    /// <exception cref="InsufficientMemoryException">The pixels do not fit in memory; the message names the file.</exception>
    public static MLImage Load(string path, int width, int height)
    {
        try
        {
            if (!ImageDecoder.TryDecode(path, width, height, out DecodedPicture? picture, out string? problem))
                throw new InvalidDataException($"'{path}' {problem}");
            using (picture)
            {
                MLImage image = picture.ToMLImage();
                image.Tag = path;
                return image;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException($"There is no image file '{path}'.", path, e);
        }
        catch (OutOfMemoryException e)
        {
            throw new InsufficientMemoryException($"'{path}' cannot be decoded: {e.Message}", e);
        }
    }
}
