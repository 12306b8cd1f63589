using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Training;

/// <summary>What a training reads: pixels in every step, or, where the encoder is frozen, features that are computed once.</summary>
/// <param name="Train">The training cases.</param>
/// <param name="Validation">The validation cases; <see langword="null"/> without any.</param>
internal sealed record TrainingInputs(IBatchInput Train, IBatchInput? Validation) : IDisposable
{
    /// <summary>Prepares the inputs, which includes the computation of features that are kept.</summary>
    /// <param name="network">The network, with the weights that its encoder has.</param>
    /// <param name="options">How images are changed, and how many views of them are kept.</param>
    /// <param name="train">The training cases.</param>
    /// <param name="validation">The validation cases.</param>
    /// <param name="memoryBudget">Bytes of features that may be held in memory; what is above goes to memory-mapped temporary files.</param>
    /// <param name="progress">Receives a report after every few images whose features are kept.</param>
    /// <param name="cancellation">Ends the computation.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="IOException">A temporary file could not be created.</exception>
    public static TrainingInputs Prepare(
        TorchNetwork network, TrainingOptions options, LabelledImages train, LabelledImages? validation, long memoryBudget,
        Action<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var trainPixels = new PixelBatches(network, train, options.Augmentation, options.Seed);
        PixelBatches? validationPixels = validation is null ? null : new PixelBatches(network, validation, augmentation: null, options.Seed);
        if (!network.Spec.Encoder.IsFrozen)
            return new TrainingInputs(trainPixels, validationPixels);

        // What is never changed has one view, so that nothing is lost where its features are kept.
        int? views = options.Augmentation is null ? 1 : options.FeatureViews;
        int total = ((views ?? 0) * train.Count) + (validation?.Count ?? 0);
        FeatureCache? trainFeatures = null;
        try
        {
            trainFeatures = views is { } count ? Compute(trainPixels, train, count, memoryBudget) : null;
            FeatureCache? validationFeatures = validation is null
                ? null
                : Compute(validationPixels!, validation, 1, memoryBudget - (trainFeatures?.ReservedBytes ?? 0));
            return new TrainingInputs((IBatchInput?)trainFeatures ?? trainPixels, validationFeatures);
        }
        catch
        {
            trainFeatures?.Dispose();
            throw;
        }

        FeatureCache Compute(PixelBatches pixels, LabelledImages images, int views, long budget) =>
            FeatureCache.Compute(network, pixels, images.Count, views, options.Seed, budget, Report, cancellation);

        void Report(FeatureCache cache) => progress?.Invoke(new TrainingProgress.FeaturesComputed(
            cache.Count + (trainFeatures?.Count ?? 0), total, cache.MemoryBytes + (trainFeatures?.MemoryBytes ?? 0),
            cache.MappedBytes + (trainFeatures?.MappedBytes ?? 0)));
    }

    public void Dispose()
    {
        Train.Dispose();
        Validation?.Dispose();
    }
}
