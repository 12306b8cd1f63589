using Microsoft.ML;

namespace Derm7pt.MLNet;

public static partial class Derm7ptCatalog
{
    /// <summary>
    /// Loads images from files like ML.NET's LoadImages, but upright, in sRGB and opaque. Rejects damaged files, and can decode JPEGs at
    /// a size close to that of the ResizeImages stage that follows.
    /// </summary>
    /// <inheritdoc cref="Derm7ptImageLoadingEstimator" path="/remarks"/>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The column of images. Each image has the size at which it was decoded, so that a ResizeImages stage must follow.</param>
    /// <param name="imageWidth">The width of the ResizeImages stage, which decoded images keep if their files have it. If null, images are decoded in full.</param>
    /// <param name="imageHeight">The height of the ResizeImages stage. It must be null if and only if <paramref name="imageWidth"/> is null.</param>
    /// <param name="imageFolder">The folder to which relative paths refer; the working directory if null or empty.</param>
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
