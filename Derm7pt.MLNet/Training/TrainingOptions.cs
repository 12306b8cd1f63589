using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet;

/// <summary>
/// How the network is trained. The defaults are those of Coppola, Lee and Guan (CVPR Workshops 2020) and Kawahara et al. (IEEE
/// JBHI 2018), unless a property has another one documented.
/// </summary>
public sealed class TrainingOptions
{
    /// <summary>Creates options with their defaults.</summary>
    public TrainingOptions()
    {
    }

    /// <summary>Copies options, of which an initializer may then change some.</summary>
    /// <param name="other">The options to copy.</param>
    public TrainingOptions(TrainingOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        BatchSize = other.BatchSize;
        BatchesPerEpoch = other.BatchesPerEpoch;
        MaximumEpochs = other.MaximumEpochs;
        Patience = other.Patience;
        EarlyStoppingMetric = other.EarlyStoppingMetric;
        LearningRate = other.LearningRate;
        GateLearningRate = other.GateLearningRate;
        FocusingParameter = other.FocusingParameter;
        L2Regularization = other.L2Regularization;
        GateL1Regularization = other.GateL1Regularization;
        Augmentation = other.Augmentation;
        ValidationFraction = other.ValidationFraction;
        Seed = other.Seed;
    }

    /// <summary>The number of cases per mini-batch. Ignored where the balanced sampling stage is used, which determines it itself.</summary>
    public int BatchSize { get; init; } = 144;

    /// <summary>The number of mini-batches per epoch.</summary>
    public int BatchesPerEpoch { get; init; } = 6;

    /// <summary>Training ends after this many epochs at the latest.</summary>
    public int MaximumEpochs { get; init; } = 999;

    /// <summary>Training ends when this many epochs in a row have been no better than the best one before them.</summary>
    public int Patience { get; init; } = 200;

    /// <summary>
    /// What "better" means. The paper watches the validation loss; the mean macro F1 is the default because on
    /// Derm7pt the loss is lowest after some ten epochs, long before the predictions are best.
    /// </summary>
    public EarlyStoppingMetric EarlyStoppingMetric { get; init; } = EarlyStoppingMetric.MeanMacroF1;

    /// <summary>Adam's learning rate for weights and biases.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Adam's learning rate for the gates' a.</summary>
    public double GateLearningRate { get; init; } = 1e-1;

    /// <summary>The focusing parameter of the focal loss: 0 (plain cross-entropy), or at least 1.</summary>
    public double FocusingParameter { get; init; } = 2;

    /// <summary>λ in the term λ·½·Σ‖kernel‖² of the loss.</summary>
    public double L2Regularization { get; init; } = 1e-4;

    /// <summary>The weight of Σα over the learned gates in the loss; 0 leaves the term out.</summary>
    public double GateL1Regularization { get; init; }

    /// <summary>Random changes of the training images; <see langword="null"/> for none.</summary>
    public AugmentationOptions? Augmentation { get; init; } = new();

    /// <summary>
    /// The share of the training cases that is set aside for validation where there is no <see cref="DataOptions.ValidationSet"/>,
    /// in [0, 1). With 0 there is no validation, no early stopping, and the last epoch's weights are kept.
    /// </summary>
    public double ValidationFraction { get; init; } = 0.2;

    /// <summary>Decides initial weights, mini-batches, augmentation and dropout. On the processor a run with the same seed repeats.</summary>
    public int Seed { get; init; } = 1;

    internal IEnumerable<string> Problems() =>
    [
        .. OptionCheck.Positive(BatchSize),
        .. OptionCheck.Positive(BatchesPerEpoch),
        .. OptionCheck.Positive(MaximumEpochs),
        .. OptionCheck.Positive(Patience),
        .. OptionCheck.Defined(EarlyStoppingMetric),
        .. OptionCheck.Positive(LearningRate),
        .. OptionCheck.Positive(GateLearningRate),
        // Between 0 and 1 the gradient of (1 − p)^γ is infinite at p = 1.
        .. OptionCheck.Require(FocusingParameter is 0 or >= 1 && double.IsFinite(FocusingParameter), FocusingParameter,
            double.IsPositiveInfinity(FocusingParameter) ? "finite" : "0 or at least 1"),
        .. OptionCheck.NotNegative(L2Regularization),
        .. OptionCheck.NotNegative(GateL1Regularization),
        .. OptionCheck.Within(nameof(Augmentation), Augmentation?.Problems() ?? []),
        .. OptionCheck.Share(ValidationFraction),
    ];
}
