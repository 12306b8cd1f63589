using Derm7pt.MLNet.Network;
using Derm7pt.MLNet.Persistence;
using Google.Protobuf;
using Microsoft.ML;

namespace Derm7pt.MLNet.Tests.Persistence;

/// <summary>A small random network, its file and five cases to score.</summary>
internal sealed class Fixture
{
    public Fixture(Taxonomy taxonomy)
    {
        Taxonomy = taxonomy;
        Network = RandomNetwork.Small(taxonomy, seed: 11);
        Onnx = OnnxGraphWriter.Write(Network, taxonomy).ToByteArray();
        Data = new ScoringData(Network, count: 5, seed: 12);
    }

    public MLContext Ml { get; } = new();

    public Taxonomy Taxonomy { get; }

    public FoldedNetwork Network { get; }

    public byte[] Onnx { get; }

    public ScoringData Data { get; }

    public byte[] Save(IDataView input, string inputColumn)
    {
        using SavedPipeline pipeline = SavedPipeline.Build(input.Schema, inputColumn, Onnx, Taxonomy);
        using var file = new MemoryStream();
        Ml.Model.Save(pipeline.Transformer, input.Schema, file);
        return file.ToArray();
    }

    /// <summary>Loads with another context, which knows nothing of the one that saved.</summary>
    public ITransformer SaveAndLoad(IDataView input, string inputColumn) =>
        new MLContext().Model.Load(new MemoryStream(Save(input, inputColumn)), out _);
}
