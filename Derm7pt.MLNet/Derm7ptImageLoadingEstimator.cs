using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet;

/// <summary>Loads images from files as ML.NET's LoadImages does, but upright, in sRGB and opaque, and refuses what it finds damaged.</summary>
/// <remarks>
/// <para>
/// An orientation that EXIF names is applied. Colors in an ICC profile are converted to sRGB; a profile that cannot be read counts as
/// none. Where pixels are transparent, white lies underneath, as in viewers, browsers and on paper. All other files, decoded in full,
/// give the pixels that LoadImages gives, bit for bit.
/// </para>
/// <para>
/// Where width and height are given, JPEGs are decoded no larger than is wanted. A JPEG can be decoded at 1/8, 2/8, … 6/8 of its
/// size, in less time the smaller it is (7/8 would take longer than the whole). The stage takes the smallest of these sizes that has
/// at least the width and the height it was given, else the whole. Other formats are decoded in full.
/// </para>
/// <para>
/// What is saved is LoadImages itself, which decodes in full, does not turn, convert or flatten, and fills damaged JPEGs with gray. Without
/// width and height, a loaded model sees the same images but for such files. With them, images differ a little: on 200 drawn
/// photographs of 768×512 pixels, after ResizeImages to 256×256, a pixel differed by 0.39 of 255 on average and by 30 at most; of a
/// network trained for 12 epochs, probabilities differed by 0.003 on average and by 0.14 at most, and 4 of 1,600 predicted labels.
/// </para>
/// <para>
/// A file that is missing, empty, cut off, no image, or of more than 100 million pixels is an error that names it, when its row is
/// read. So is a PNG that is damaged, and a JPEG with a marker in its data that cannot be there; of other damage in the middle of a JPEG
/// the decoder makes up what it cannot read, and reports nothing. Where the path is empty there is no image, as with LoadImages.
/// </para>
/// </remarks>
/// <seealso cref="Derm7ptCatalog.LoadDerm7ptImages(TransformsCatalog, string, int?, int?, string?, string?)"/>
internal sealed class Derm7ptImageLoadingEstimator : IEstimator<ITransformer>
{
    private readonly ImageLoadingEstimator _loading;
    private readonly Func<ImageLoadingTransformer, Derm7ptImageLoadingTransformer> _toTransformer;

    internal Derm7ptImageLoadingEstimator(
        TransformsCatalog catalog, string outputColumnName, int? imageWidth, int? imageHeight, string? imageFolder, string inputColumnName)
    {
        _loading = catalog.LoadImages(outputColumnName, imageFolder, inputColumnName);
        _toTransformer = loading => new(loading, outputColumnName, imageWidth, imageHeight, inputColumnName);
    }

    /// <summary>Checks that the input has the column of paths.</summary>
    /// <param name="input">The rows; none is read.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or no text.</exception>
    public ITransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return _toTransformer(_loading.Fit(input));
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _loading.GetOutputSchema(inputSchema);
}

/// <summary>Loads images from files, JPEGs no larger than is wanted: see <see cref="Derm7ptImageLoadingEstimator"/>.</summary>
/// <remarks>Images are decoded when they are asked for. Any number of threads may use a transformer at once.</remarks>
internal sealed class Derm7ptImageLoadingTransformer : ITransformer
{
    private readonly ImageLoadingTransformer _loading;
    private readonly string _imageColumn;
    private readonly int? _imageWidth;
    private readonly int? _imageHeight;
    private readonly string _pathColumn;

    internal Derm7ptImageLoadingTransformer(
        ImageLoadingTransformer loading, string imageColumn, int? imageWidth, int? imageHeight, string pathColumn) =>
        (_loading, _imageColumn, _imageWidth, _imageHeight, _pathColumn) = (loading, imageColumn, imageWidth, imageHeight, pathColumn);

    bool ITransformer.IsRowToRowMapper => true;

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _loading.GetOutputSchema(inputSchema);

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        IDataView loaded = _loading.Transform(input);
        return new LoadedImages(loaded, Column(loaded.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        IRowToRowMapper loading = ((ITransformer)_loading).GetRowToRowMapper(inputSchema);
        return new LoadedImages.Mapper(loading, Column(loading.OutputSchema));
    }

    // A saved model holds ML.NET's own stages only, so that it loads where this library is not installed.
    void ICanSaveModel.Save(ModelSaveContext ctx) => ((ICanSaveModel)_loading).Save(ctx);

    private LoadedImageColumn Column(DataViewSchema loaded) => new(loaded, _imageColumn, _pathColumn, Load);

    private MLImage Load(string path) => ImageFile.Load(
        string.IsNullOrWhiteSpace(_loading.ImageFolder) ? path : Path.Combine(_loading.ImageFolder, path),
        _imageWidth ?? int.MaxValue, _imageHeight ?? int.MaxValue);
}
