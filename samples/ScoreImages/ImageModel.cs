using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace ScoreImages;

/// <summary>A loaded model and the columns that matter here, found in its schema. Used by many threads at once.</summary>
internal sealed class ImageModel : IDisposable
{
    private readonly ITransformer _loaded;
    private readonly IRowToRowMapper _mapper;

    private ImageModel(ITransformer loaded, IRowToRowMapper mapper)
    {
        (_loaded, _mapper, Outputs) = (loaded, mapper, OutputColumn.Find(mapper.OutputSchema));
    }

    /// <summary>The column that an image goes into.</summary>
    public DataViewSchema.Column Input => _mapper.InputSchema[0];

    public IReadOnlyList<OutputColumn> Outputs { get; }

    /// <exception cref="ScoringException">The file is missing or no model, or the model does not score images.</exception>
    /// <exception cref="IOException">The file cannot be read, or the temporary folder not written.</exception>
    public static ImageModel Load(string file)
    {
        if (!File.Exists(file))
            throw new ScoringException($"There is no model '{file}'.");
        OnnxTelemetry.DisableEvents();
        ITransformer loaded;
        DataViewSchema? schema;
        // In memory first: what fails to be read or written after that is no longer the model's file.
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

    /// <summary>What one thread scores with.</summary>
    public ScoringEngine CreateEngine() => new(_mapper, Outputs);

    public void Dispose() => (_loaded as IDisposable)?.Dispose();

    /// <summary>
    /// A mapper from a row with one column. The model was saved with the schema of the data that it was trained on,
    /// labels and all; which columns scoring needs, the model itself is asked.
    /// </summary>
    private static IRowToRowMapper Bind(ITransformer model, DataViewSchema savedSchema)
    {
        DataViewSchema.Column input = NeededColumn(model, savedSchema);
        if (input.Type is not TextDataViewType)
            throw new ScoringException($"The model does not begin at image files, but at the column '{input.Name}' of type {input.Type}.");

        // LoadImages is taken off the model's beginning: images are decoded before, once, and checked.
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
            // A saved schema has no image columns, so a model that begins at one ends here.
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
