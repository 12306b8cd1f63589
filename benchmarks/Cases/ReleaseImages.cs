using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>The stages before the network, as every pipeline has them.</summary>
internal static class ReleaseImages
{
    private const string Path = "ImagePath";

    /// <summary>From JPEG files to images of the network's size, with ML.NET's stages.</summary>
    public static EstimatorChain<ImageResizingTransformer> Resized(BenchmarkContext context) =>
        context.Ml.Transforms.LoadImages(ColumnNames.Image, imageFolder: "", Path).Append(Resize(context));

    /// <summary>The same with the library's loading stage, which decodes no more than is wanted.</summary>
    public static EstimatorChain<ImageResizingTransformer> Reduced(BenchmarkContext context) =>
        context.Ml.Transforms
            .LoadDerm7ptImages(ColumnNames.Image, context.Settings.Extent, context.Settings.Extent, inputColumnName: Path)
            .Append(Resize(context));

    /// <summary>On to vectors of numbers, as ML.NET gives them.</summary>
    public static EstimatorChain<ImagePixelExtractingTransformer> Extracted(BenchmarkContext context) =>
        Resized(context).Append(context.Ml.Transforms.ExtractPixels(
            ColumnNames.Pixels, ColumnNames.Image, orderOfExtraction: ImagePixelExtractingEstimator.ColorsOrder.ARGB,
            interleavePixelColors: false, scaleImage: PixelColumn.Scale));

    private static ImageResizingEstimator Resize(BenchmarkContext context) =>
        context.Ml.Transforms.ResizeImages(ColumnNames.Image, context.Settings.Extent, context.Settings.Extent);
}
