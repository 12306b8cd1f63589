using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Loads image files for a column of images.</summary>
internal static class ImageFile
{
    /// <summary>Decodes a file, a JPEG no larger than is wanted.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">The image must have at least this width, if the file's has.</param>
    /// <param name="height">The image must have at least this height, if the file's has.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no image, too large, or a part of it is missing; the message names it.</exception>
    /// <exception cref="InsufficientMemoryException">Its pixels do not fit in memory; the message names it.</exception>
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
