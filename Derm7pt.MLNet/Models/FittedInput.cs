using System.Collections.Immutable;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Derm7pt.MLNet.Models;

/// <summary>Represents the properties of the training data that a stage needs to be saved, also after it was loaded.</summary>
/// <param name="ImageColumnName">The column of pixels.</param>
/// <param name="IsImage">Whether the column contained images rather than vectors.</param>
/// <param name="OtherColumns">The names of other columns that are in <see cref="SavedPipeline.SensitiveNames"/>.</param>
internal sealed record FittedInput(string ImageColumnName, bool IsImage, ImmutableArray<string> OtherColumns)
{
    public static FittedInput Default { get; } = new(ColumnNames.Image, IsImage: true, []);

    public static FittedInput Of(DataViewSchema schema, string imageColumnName, Taxonomy taxonomy) => new(
        imageColumnName,
        schema[imageColumnName].Type is ImageDataViewType,
        [
            .. SavedPipeline.SensitiveNames(taxonomy)
                .Where(name => name != imageColumnName && schema.GetColumnOrNull(name) is not null),
        ]);

    /// <summary>Creates a schema that replaces the schema of the training data.</summary>
    public DataViewSchema ToSchema(int imageHeight, int imageWidth)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(
            ImageColumnName,
            IsImage
                ? new ImageDataViewType(imageHeight, imageWidth)
                : new VectorDataViewType(NumberDataViewType.Single, PixelColumn.Channels, imageHeight, imageWidth));
        // Only the names of such columns are saved, not their types, so any type can be used.
        foreach (string name in OtherColumns)
            builder.AddColumn(name, TextDataViewType.Instance);
        return builder.ToSchema();
    }
}
