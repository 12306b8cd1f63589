using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests;

/// <summary>Receives the schema shape that the stages before it declare, since ML.NET does not make its creation public.</summary>
internal sealed class SpyEstimator(Action<SchemaShape> saw) : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input) => new TransformerChain<ITransformer>();

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        saw(inputSchema);
        return inputSchema;
    }
}
