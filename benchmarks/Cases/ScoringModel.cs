using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>A model that scores, created without training: its predictions are meaningless, but its time and memory are realistic.</summary>
internal static class ScoringModel
{
    // Enough for the running statistics to follow the features, so that scores are not all alike.
    private const int Batches = 20, BatchSize = 4;

    /// <summary>The columns that the library's stage and its ONNX file both give.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        .. ScoreColumns,
        .. Taxonomy.Derm7pt.Tasks.Select(ColumnNames.PredictedLabel),
        ColumnNames.GateAlphas,
        ColumnNames.SevenPointScore,
        ColumnNames.MelanomaProbability,
    ];

    /// <summary>The probabilities among them.</summary>
    public static IReadOnlyList<string> ScoreColumns => [.. Taxonomy.Derm7pt.Tasks.Select(ColumnNames.Score)];

    /// <param name="shape">The sizes of the network.</param>
    /// <param name="extent">The height and width of the images.</param>
    /// <param name="schema">What is scored.</param>
    /// <param name="imageColumn">The column of pixels.</param>
    public static Derm7ptMultiTaskTransformer Create(NetworkSpec shape, int extent, DataViewSchema schema, string imageColumn)
    {
        using TorchNetwork network = CreateNetwork(shape, extent);
        return new Derm7ptMultiTaskTransformer(
            new MultiTaskModel(Taxonomy.Derm7pt, shape, extent, extent, [new ModelMember(network.Capture(), new TrainingHistory([], bestEpoch: 0))]),
            imageColumn, schema, new RuntimeOptions().ScoringBatchSize);
    }

    public static TorchNetwork CreateNetwork(NetworkSpec shape, int extent)
    {
        var network = new TorchNetwork(shape, StepSettings.Seed);
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        using var generator = new Generator(StepSettings.Seed);
        network.IsTraining = true;
        for (int i = 0; i < Batches; i++)
            network.Forward(rand([BatchSize, NetworkSpec.PixelChannels, extent, extent], generator: generator));
        network.IsTraining = false;
        return network;
    }
}
