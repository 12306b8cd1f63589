namespace Derm7pt.MLNet.Tests.Scoring;

/// <summary>
/// Test-time augmentation: the mean probability over an image as it is, mirrored left to right, mirrored top to bottom, and transposed.
/// Each of these shows a lesion as it could as well have been photographed.
/// </summary>
internal static class FlippedViews
{
    /// <summary>The number of views of an image.</summary>
    public const int Count = 4;

    /// <summary>Writes the views of an image one after another, in the order of the summary.</summary>
    /// <param name="image">Planar values, [channels, extent, extent]: only of a square image have all views one shape.</param>
    /// <param name="extent">Height and width.</param>
    /// <param name="views">Receives [<see cref="Count"/>, channels, extent, extent].</param>
    /// <exception cref="ArgumentException">The image does not consist of squares of this extent, or the lengths do not fit each other.</exception>
    public static void Write<T>(ReadOnlySpan<T> image, int extent, Span<T> views)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(extent);
        if (image.Length % (extent * extent) != 0 || views.Length != Count * image.Length)
        {
            throw new ArgumentException(
                Invariant($"Expected planes of {extent}×{extent} and room for {Count} views, got {image.Length} and {views.Length} values."),
                nameof(image));
        }

        Span<T> mirrored = views.Slice(image.Length, image.Length), flipped = views.Slice(2 * image.Length, image.Length),
            transposed = views.Slice(3 * image.Length, image.Length);
        image.CopyTo(views);
        for (int plane = 0; plane < image.Length; plane += extent * extent)
        {
            for (int y = 0; y < extent; y++)
            {
                ReadOnlySpan<T> row = image.Slice(plane + (y * extent), extent);
                Span<T> mirroredRow = mirrored.Slice(plane + (y * extent), extent);
                row.CopyTo(mirroredRow);
                mirroredRow.Reverse();
                row.CopyTo(flipped.Slice(plane + ((extent - 1 - y) * extent), extent));
                for (int x = 0; x < extent; x++)
                    transposed[plane + (x * extent) + y] = row[x];
            }
        }
    }

    /// <summary>The mean of the views' probabilities.</summary>
    /// <param name="probabilities">[<see cref="Count"/>, labels]</param>
    /// <param name="mean">Receives [labels].</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void Average(ReadOnlySpan<float> probabilities, Span<float> mean)
    {
        int labels = mean.Length;
        if (probabilities.Length != Count * labels)
            throw new ArgumentException(Invariant($"Expected {Count * labels} probabilities, got {probabilities.Length}."), nameof(probabilities));
        for (int label = 0; label < labels; label++)
        {
            float sum = 0;
            for (int view = 0; view < Count; view++)
                sum += probabilities[(view * labels) + label];
            mean[label] = sum / Count;
        }
    }
}
