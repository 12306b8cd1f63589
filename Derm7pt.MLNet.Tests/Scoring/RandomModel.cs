using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tests.Networks;
using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Scoring;

/// <summary>A network with random weights, in the form that training returns: of the default width, or on a feature extractor.</summary>
internal sealed class RandomModel : IDisposable
{
    /// <param name="imageSize">The height and width of the images.</param>
    /// <param name="seed">Determines the weights.</param>
    /// <param name="extractor">The feature extractor, which keeps its weights; null for none.</param>
    /// <param name="input">What the network reads of an image; null for all of it.</param>
    public RandomModel(int imageSize, int seed, EncoderFile? extractor = null, Derm7pt.MLNet.Networks.ImageInput? input = null)
    {
        Taxonomy taxonomy = Taxonomy.Derm7pt;
        ImageSize = imageSize;
        NetworkSpec spec = NetworkSpec.Gated(
            taxonomy.Tasks.Select(task => task.Labels.Count), extractor is null ? [2, 4, 8, 16] : [4, 4], GateMode.Learned, gateSteepness: 3,
            dropout: 0.3);
        if (extractor is not null)
            spec = spec.OnEncoder(extractor.Encoder);
        spec = spec with { Input = input };
        Network = TestNetworks.Random(GateMode.Learned, seed, spec);
        if (extractor is not null)
        {
            Network.RestorePart(NetworkSpec.EncoderPath, extractor.Weights);
            Network.Freeze(NetworkSpec.EncoderPath);
        }

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
            Network.Forward(Network.Prepare(pixels));
        }
    }

    public void Dispose() => Network.Dispose();
}
