using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Networks.Kernels;

namespace Derm7pt.MLNet.Training;

/// <summary>Represents the inputs of a training: pixels, or, if the encoder is frozen, features that are computed once.</summary>
/// <param name="Train">The training cases.</param>
/// <param name="Validation">The validation cases; <see langword="null"/> for none.</param>
internal sealed record TrainingInputs(IBatchInput Train, IBatchInput? Validation) : IDisposable
{
    /// <summary>Whether steps or validation run the encoder.</summary>
    public bool RunEncoder => Train.RunsEncoder || Validation?.RunsEncoder == true;

    /// <summary>Prepares the inputs, and computes the features that can be computed once.</summary>
    /// <param name="network">The network; its encoder has its weights.</param>
    /// <param name="options">The options of the training.</param>
    /// <param name="train">The training cases.</param>
    /// <param name="validation">The validation cases.</param>
    /// <param name="memoryBudget">The maximum number of bytes of features in memory; the rest is stored in memory-mapped temporary files.</param>
    /// <param name="progress">Receives a progress report after every few images.</param>
    /// <param name="cancellation">Cancels the computation.</param>
    /// <exception cref="OperationCanceledException">The computation was canceled.</exception>
    /// <exception cref="IOException">A temporary file could not be created.</exception>
    public static TrainingInputs Prepare(
        TorchNetwork network, TrainingOptions options, LabelledImages train, LabelledImages? validation, long memoryBudget,
        Action<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var trainPixels = new PixelBatches(network, train, options.Augmentation, options.Seed);
        PixelBatches? validationPixels = validation is null ? null : new PixelBatches(network, validation, augmentation: null, options.Seed);
        if (!network.Spec.Encoder.IsFrozen)
            return new TrainingInputs(trainPixels, validationPixels);

        using SerialTorch? serial = SerialTorch.Begin(network.Device, network.Spec.Encoder.NeedsTorchThreads);
        // Images that are never changed have one view, so that features in every step would be the same.
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
