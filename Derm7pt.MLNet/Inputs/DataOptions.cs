using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Columns;
using Microsoft.ML;

namespace Derm7pt.MLNet;

/// <summary>Represents the options of the data that the training reads.</summary>
public sealed class DataOptions
{
    /// <summary>Creates options with default values.</summary>
    public DataOptions()
    {
    }

    /// <summary>Creates a copy of options, which an initializer may then change.</summary>
    /// <param name="other">The options to copy.</param>
    public DataOptions(DataOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ImageColumnName = other.ImageColumnName;
        ValidationSet = other.ValidationSet;
        ImageCacheBytes = other.ImageCacheBytes;
    }

    /// <summary>
    /// The column of pixels: images of one known size (from ResizeImages), or vectors of Single with dimensions
    /// (3, height, width), RGB in [0, 1] (from ExtractPixels).
    /// </summary>
    public string ImageColumnName { get; init; } = ColumnNames.Image;

    /// <summary>
    /// The validation cases, with the same columns as the training data at this stage. If earlier stages prepare the
    /// images, transform the validation cases with these stages first.
    /// </summary>
    public IDataView? ValidationSet { get; init; }

    /// <summary>
    /// The maximum number of bytes of decoded images in memory; further images are written to memory-mapped temporary files.
    /// An image has 3·height·width bytes.
    /// </summary>
    public long ImageCacheBytes { get; init; } = 2L << 30;

    internal IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(ImageColumnName))
            yield return $"{nameof(ImageColumnName)} must name a column.";
        foreach (string problem in OptionCheck.NotNegative(ImageCacheBytes))
            yield return problem;
    }
}
