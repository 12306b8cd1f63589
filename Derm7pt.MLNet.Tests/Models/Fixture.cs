using Derm7pt.MLNet.Models;
using Microsoft.ML;

namespace Derm7pt.MLNet.Tests.Models;

/// <summary>A small random network, its file and five cases to score.</summary>
internal sealed class Fixture
{
    public Fixture(Taxonomy taxonomy)
    {
        Taxonomy = taxonomy;
        Model = TestModels.Small(taxonomy: taxonomy, seed: 11, filters: [2, 3]);
        Onnx = ModelFile.Write(Model);
        Data = new ScoringData(Model, count: 5, seed: 12);
    }

    public MLContext Ml { get; } = new();

    public Taxonomy Taxonomy { get; }

    public MultiTaskModel Model { get; }

    public byte[] Onnx { get; }

    public ScoringData Data { get; }

    public byte[] Save(IDataView input, string inputColumn)
    {
        using SavedPipeline pipeline = SavedPipeline.Build(input.Schema, inputColumn, Onnx, Model.Outputs);
        using var file = new MemoryStream();
        Ml.Model.Save(pipeline.Transformer, input.Schema, file);
        return file.ToArray();
    }

    /// <summary>Loads with another context, which shares no state with the one that saved.</summary>
    public ITransformer SaveAndLoad(IDataView input, string inputColumn) =>
        new MLContext().Model.Load(new MemoryStream(Save(input, inputColumn)), out _);
}
