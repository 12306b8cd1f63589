using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests;

/// <summary>Sees the shape that the stages before it promise; ML.NET keeps its own way of making one to itself.</summary>
internal sealed class SpyEstimator(Action<SchemaShape> saw) : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input) => new TransformerChain<ITransformer>();

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        saw(inputSchema);
        return inputSchema;
    }
}
