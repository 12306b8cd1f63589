namespace Derm7pt.MLNet.Training;

/// <summary>The numbers of a training run: what the loop, the loss and the optimizer need to know.</summary>
internal sealed record TrainingSettings
{
    public required int BatchesPerEpoch { get; init; }

    public required int MaximumEpochs { get; init; }

    public required int Patience { get; init; }

    public required EarlyStoppingMetric EarlyStoppingMetric { get; init; }

    public required double LearningRate { get; init; }

    public required double GateLearningRate { get; init; }

    public required double FocusingParameter { get; init; }

    public required double L2Regularization { get; init; }

    public required double GateL1Regularization { get; init; }

    public required AugmentationOptions? Augmentation { get; init; }

    public required int Seed { get; init; }
}
