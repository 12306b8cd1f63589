using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Columns;
using Microsoft.ML;

namespace Derm7pt.MLNet;

/// <summary>Which data the training reads, and how.</summary>
public sealed class DataOptions
{
    /// <summary>Creates options with their defaults.</summary>
    public DataOptions()
    {
    }

    /// <summary>Copies options, of which an initializer may then change some.</summary>
    /// <param name="other">The options to copy.</param>
    public DataOptions(DataOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ImageColumnName = other.ImageColumnName;
        ValidationSet = other.ValidationSet;
        ImageCacheBytes = other.ImageCacheBytes;
    }

    /// <summary>
    /// The column of pixels: images of one known size (ResizeImages gives them), or vectors of Single with
    /// dimensions (3, height, width), RGB in [0, 1] (ExtractPixels gives them).
    /// </summary>
    public string ImageColumnName { get; init; } = ColumnNames.Image;

    /// <summary>
    /// Validation cases, with the same columns as the training data has at this stage: where earlier stages prepare
    /// images, transform the validation cases with them first.
    /// </summary>
    public IDataView? ValidationSet { get; init; }

    /// <summary>
    /// Bytes of decoded images, and of features of a frozen encoder, that are held in memory; what is above goes to memory-mapped temporary files. An image
    /// takes 3·height·width bytes. What images leave of it is for features that are computed once
    /// (<see cref="TrainingOptions.FeatureViews"/>): first those of the training cases, then those of the validation cases.
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
