using Microsoft.ML;

namespace Derm7pt.MLNet;

public static partial class Derm7ptCatalog
{
    /// <summary>
    /// Loads images from files as ML.NET's LoadImages does, but upright, in sRGB and opaque, refuses what is damaged, and decodes JPEGs
    /// no larger than the ResizeImages that follows wants them, if it is told how large.
    /// </summary>
    /// <inheritdoc cref="Derm7ptImageLoadingEstimator" path="/remarks"/>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The column of images, each of the size at which it was decoded: add ResizeImages.</param>
    /// <param name="imageWidth">The width that images keep at least, if their files have it: that of ResizeImages. Null: all are decoded in full.</param>
    /// <param name="imageHeight">The height, likewise.</param>
    /// <param name="imageFolder">The folder that relative paths start at; the working directory if null or empty.</param>
    /// <param name="inputColumnName">The text column of paths; <paramref name="outputColumnName"/> if null.</param>
    /// <exception cref="ArgumentException"><paramref name="outputColumnName"/> is null or empty, or only one of width and height is given.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="imageWidth"/> or <paramref name="imageHeight"/> is not positive.
    /// </exception>
    public static IEstimator<ITransformer> LoadDerm7ptImages(
        this TransformsCatalog catalog, string outputColumnName, int? imageWidth = null, int? imageHeight = null,
        string? imageFolder = null, string? inputColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        if (imageWidth is null != imageHeight is null)
            throw new ArgumentException($"Give both {nameof(imageWidth)} and {nameof(imageHeight)}, or neither.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(imageWidth ?? 1, nameof(imageWidth));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(imageHeight ?? 1, nameof(imageHeight));
        return new Derm7ptImageLoadingEstimator(
            catalog, outputColumnName, imageWidth, imageHeight, imageFolder, inputColumnName ?? outputColumnName);
    }
}
