using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Training;
using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Benchmarks.Encoders;

/// <summary>Measures an epoch of training on a frozen encoder: features that are computed once compared with features of every step.</summary>
internal static class FrozenEncoderCase
{
    // The time of a step does not depend on what the images show.
    private const int DistinctImages = 16;

    // A few cases are sufficient to compare features.
    private const int ComparedCases = 6;

    private static readonly NetworkOptions Network = new(EncoderNetwork.Recipe.Network)
    {
        Encoder = new EncoderOptions(EncoderNetwork.Recipe.Network.Encoder!) { TrainedStages = 0 },
    };

    public static void Measure(BenchmarkContext context)
    {
        (int cases, int extent) = (context.Settings.EncoderCases, context.Settings.EncoderExtent);
        IDataView data = DrawnPixels.View(cases, extent, DistinctImages);
        double difference = CompareFeatures(data, context.Device);

        PairedValues epochs = context.Compare(
            // Computing the features and the first of two epochs warm up.
            () => Fit(context, data, views: 1, epochs: 2).Epochs[^1].Duration.TotalSeconds,
            () => Fit(context, data, views: null, epochs: 1).Epochs[^1].Duration.TotalSeconds,
            warmUps: 0);
        context.Add(Row.Of(
            Invariant($"epoch of {cases} cases on a frozen ResNet-18, {extent} px, augmented"), "s", "features in every step", epochs,
            RatioKind.BaselineToOurs) with
        {
            LargestDifference = difference,
        });
    }

    private static TrainingHistory Fit(BenchmarkContext context, IDataView data, int? views, int epochs)
    {
        using Derm7ptMultiTaskTransformer model = context.Ml.Transforms.Derm7ptMultiTask(new Derm7ptMultiTaskEstimator.Options
        {
            Network = Network,
            Training = new TrainingOptions(TrainingRecipe.Pretrained().Training)
            {
                FeatureViews = views,
                MaximumEpochs = epochs,
                WarmUpEpochs = 0,
                ValidationFraction = 0,
            },
            Data = new DataOptions { ImageColumnName = ColumnNames.Pixels },
            Runtime = new RuntimeOptions { Device = context.Settings.Device },
        }).Fit(data);
        return model.History;
    }

    /// <summary>Checks that the network computes the same logits from cached features as from a batch of images.</summary>
    private static double CompareFeatures(IDataView data, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        using var gradients = no_grad();
        using LabelledImages images = LabelledImages.Read(
            data, ColumnNames.Pixels, Taxonomy.Derm7pt, DataRoles.Training, long.MaxValue, imageRead: null, CancellationToken.None);
        (NetworkSpec spec, EncoderFile file) = EncoderNetwork.Load(Network);
        using var network = new TorchNetwork(spec, StepSettings.Seed, device);
        network.RestorePart(NetworkSpec.EncoderPath, file.Weights);
        int[] cases = [.. Enumerable.Range(0, Math.Min(ComparedCases, images.Count))];
        var pixels = new PixelBatches(network, images, augmentation: null, StepSettings.Seed);
        using FeatureCache features = FeatureCache.Compute(
            network, pixels, cases.Length, views: 1, StepSettings.Seed, long.MaxValue, _ => { }, CancellationToken.None);
        return Agreement.OfScores(Rows(features.Forward(features.Read(cases))), Rows(network.Forward(pixels.Read(cases))));

        static float[][] Rows(NetworkOutput output) => [.. output.Logits.Select(logits => logits.cpu().data<float>().ToArray())];
    }
}
