using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tests.Networks;
using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Scoring;

/// <summary>A network of the default width with random weights, in the form that training returns.</summary>
internal sealed class RandomModel : IDisposable
{
    public RandomModel(int imageSize, int seed)
    {
        Taxonomy taxonomy = Taxonomy.Derm7pt;
        ImageSize = imageSize;
        NetworkSpec spec = NetworkSpec.Gated(
            taxonomy.Tasks.Select(task => task.Labels.Count), [2, 4, 8, 16], GateMode.Learned, gateSteepness: 3, dropout: 0.3);
        Network = TestNetworks.Random(GateMode.Learned, seed, spec);
        FitRunningStatistics();
        Network.IsTraining = false;
        Model = new MultiTaskModel(taxonomy, spec, imageSize, imageSize, [new ModelMember(Network.Capture(), new TrainingHistory([], bestEpoch: 0))]);
    }

    public int ImageSize { get; }

    public Taxonomy Taxonomy => Model.Taxonomy;

    /// <summary>The network in TorchSharp, neither folded nor exported.</summary>
    public TorchNetwork Network { get; }

    private MultiTaskModel Model { get; }

    /// <summary>Creates the transformer that <c>Fit</c> would return for data with this schema.</summary>
    public Derm7ptMultiTaskTransformer CreateTransformer(DataViewSchema schema, string imageColumn = "Image") =>
        new(Model, imageColumn, schema, scoringBatchSize: 16);

    // With random running statistics, the scores of different images would hardly differ.
    private void FitRunningStatistics()
    {
        const int Images = 8, Passes = 30;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable inference = no_grad();
        Tensor pixels = tensor(new SyntheticImages(Images, seed: 1).Pixels(), [Images, 3, SyntheticImages.Size, SyntheticImages.Size]);
        Network.IsTraining = true;
        for (int pass = 0; pass < Passes; pass++)
        {
            using DisposeScope step = NewDisposeScope();
            Network.Forward(pixels);
        }
    }

    public void Dispose() => Network.Dispose();
}
