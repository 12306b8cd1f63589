using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace ScoreImages;

/// <summary>A loaded model and the columns of its schema that scoring uses. Many threads can use it at the same time.</summary>
internal sealed class ImageModel : IDisposable
{
    private readonly ITransformer _loaded;
    private readonly IRowToRowMapper _mapper;

    private ImageModel(ITransformer loaded, IRowToRowMapper mapper)
    {
        (_loaded, _mapper, Outputs) = (loaded, mapper, OutputColumn.Find(mapper.OutputSchema));
    }

    /// <summary>Gets the input column for an image.</summary>
    public DataViewSchema.Column Input => _mapper.InputSchema[0];

    public IReadOnlyList<OutputColumn> Outputs { get; }

    /// <exception cref="ScoringException">The file is missing or is not a model, or the model does not score images.</exception>
    /// <exception cref="IOException">The file cannot be read, or the temporary folder cannot be written.</exception>
    public static ImageModel Load(string file)
    {
        if (!File.Exists(file))
            throw new ScoringException($"There is no model '{file}'.");
        OnnxTelemetry.DisableEvents();
        ITransformer loaded;
        DataViewSchema? schema;
        // The file is read into memory first, so that later I/O errors do not concern the model file.
        using var content = new MemoryStream(File.ReadAllBytes(file), writable: false);
        try
        {
            loaded = new MLContext().Model.Load(content, out schema);
        }
        catch (Exception e) when (TempFolder.IsFileFailure(e))
        {
            throw TempFolder.Blame("Loading a model", e);
        }
        catch (Exception e)
        {
            throw new ScoringException($"'{file}' is not a model that can be loaded: {e.Message}", e);
        }

        if (schema is null)
            throw new ScoringException($"'{file}' was saved without the schema of its input.");
        try
        {
            return new ImageModel(loaded, Bind(loaded, schema));
        }
        catch
        {
            (loaded as IDisposable)?.Dispose();
            throw;
        }
    }

    /// <summary>Creates an engine for one thread.</summary>
    public ScoringEngine CreateEngine() => new(_mapper, Outputs);

    public void Dispose() => (_loaded as IDisposable)?.Dispose();

    /// <summary>
    /// Creates a mapper from a row with one column. The model was saved with the schema of its training data, including
    /// labels; the model determines the columns that scoring needs.
    /// </summary>
    private static IRowToRowMapper Bind(ITransformer model, DataViewSchema savedSchema)
    {
        DataViewSchema.Column input = NeededColumn(model, savedSchema);
        if (input.Type is not TextDataViewType)
            throw new ScoringException($"The model does not begin at image files, but at the column '{input.Name}' of type {input.Type}.");

        // LoadImages is removed from the beginning of the model, since images are decoded and checked before.
        if (model is IEnumerable<ITransformer> chain && chain.FirstOrDefault() is ImageLoadingTransformer loading)
        {
            var rest = new TransformerChain<ITransformer>([.. chain.Skip(1)]);
            DataViewSchema.Column image = NeededColumn(rest, loading.GetOutputSchema(savedSchema));
            if (image.Type is ImageDataViewType)
                (model, input) = (rest, image);
        }

        return model.GetRowToRowMapper(SingleColumn(input));
    }

    private static DataViewSchema.Column NeededColumn(ITransformer model, DataViewSchema schema)
    {
        IRowToRowMapper mapper;
        try
        {
            mapper = model.GetRowToRowMapper(schema);
        }
        catch (ArgumentException e)
        {
            // A saved schema has no image columns, so the loop ends here for a model that begins with one.
            throw new ScoringException($"The model does not begin at image files; save the whole pipeline, from LoadImages on. {e.Message}", e);
        }

        DataViewSchema.Column[] needed =
        [
            .. mapper.GetDependencies(OutputColumn.Find(mapper.OutputSchema).Select(output => output.Column))
                .DistinctBy(column => column.Index),
        ];
        return needed is [var column]
            ? column
            : throw new ScoringException($"The model must need one column, the image, and needs {needed.Length}: {string.Join(", ", needed)}.");
    }

    private static DataViewSchema SingleColumn(DataViewSchema.Column column)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(column.Name, column.Type);
        return builder.ToSchema();
    }
}
