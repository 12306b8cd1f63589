using System.Collections.Immutable;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Derm7pt.MLNet.Models;

/// <summary>What a stage remembers of the data that it was fitted on, so that it can be saved, also after it was loaded.</summary>
/// <param name="ImageColumnName">The column of pixels.</param>
/// <param name="IsImage">Whether it held images, rather than vectors.</param>
/// <param name="OtherColumns">Those of <see cref="SavedPipeline.SensitiveNames"/> that other columns had.</param>
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

    /// <summary>A schema that stands for the one that was fitted on.</summary>
    public DataViewSchema ToSchema(int imageHeight, int imageWidth)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(
            ImageColumnName,
            IsImage
                ? new ImageDataViewType(imageHeight, imageWidth)
                : new VectorDataViewType(NumberDataViewType.Single, PixelColumn.Channels, imageHeight, imageWidth));
        // A stage is saved with the names of such columns, not with their types.
        foreach (string name in OtherColumns)
            builder.AddColumn(name, TextDataViewType.Instance);
        return builder.ToSchema();
    }
}
