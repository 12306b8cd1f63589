using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet;

/// <summary>
/// Requests balanced mini-batches from the trainer that follows: the same number of cases for every label of every task.
/// </summary>
/// <remarks>
/// <para>
/// The stage leaves all rows as they are. It marks the label columns with an annotation that
/// <see cref="Derm7ptMultiTaskEstimator"/> reads; without the stage, the trainer draws from the natural distribution.
/// During scoring, it passes all columns through, with or without label columns, and a saved model does not contain it.
/// </para>
/// <para>Source: Kawahara et al., IEEE JBHI 2018.</para>
/// </remarks>
/// <seealso cref="Derm7ptCatalog.Derm7ptBalancedSampling(TransformsCatalog, int, Taxonomy?)"/>
internal sealed class Derm7ptBalancedSamplingEstimator : IEstimator<ITransformer>
{
    private readonly TransformsCatalog _catalog;
    private readonly Derm7ptBalancedSamplingTransformer _transformer;

    internal Derm7ptBalancedSamplingEstimator(TransformsCatalog catalog, int samplesPerLabel, Taxonomy taxonomy) =>
        (_catalog, _transformer) = (catalog, new Derm7ptBalancedSamplingTransformer(samplesPerLabel, taxonomy));

    /// <summary>Checks that the input has the label columns of all tasks.</summary>
    /// <param name="input">The training cases; no row is read.</param>
    /// <exception cref="ArgumentOutOfRangeException">Label columns are missing or of another type.</exception>
    public ITransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        LabelColumns.Bind(input.Schema, _transformer.Taxonomy);
        return _transformer;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        Dictionary<string, ClassificationTask> tasks = _transformer.Taxonomy.Tasks.ToDictionary(task => task.Name);
        return new SchemaShape(inputSchema.Select(column => tasks.TryGetValue(column.Name, out ClassificationTask? task) && column.IsKey
            ? OutputShape.Of(_catalog, BalancedSamplingAnnotation.Marked(column.Name, LabelColumns.TypeOf(task)))
            : column));
    }
}

/// <summary>Marks label columns for balanced sampling and passes all rows through.</summary>
internal sealed class Derm7ptBalancedSamplingTransformer : ITransformer
{
    internal Derm7ptBalancedSamplingTransformer(int samplesPerLabel, Taxonomy taxonomy) =>
        (SamplesPerLabel, Taxonomy) = (samplesPerLabel, taxonomy);

    /// <summary>The number of cases per label in a mini-batch.</summary>
    internal int SamplesPerLabel { get; }

    bool ITransformer.IsRowToRowMapper => true;

    internal Taxonomy Taxonomy { get; }

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return BalancedSamplingAnnotation.Mark(inputSchema, Taxonomy, SamplesPerLabel);
    }

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new RelabelledDataView(input, GetOutputSchema(input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) =>
        new RelabelledDataView.Mapper(inputSchema, GetOutputSchema(inputSchema));

    // Scoring needs no step of this stage, so an empty chain of ML.NET is saved.
    void ICanSaveModel.Save(ModelSaveContext ctx) => ((ICanSaveModel)new TransformerChain<ITransformer>()).Save(ctx);
}
