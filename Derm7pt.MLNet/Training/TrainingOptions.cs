using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet;

/// <summary>
/// Represents the options of the training. The defaults are those of Coppola, Lee and Guan (CVPR Workshops 2020) and Kawahara et al. (IEEE
/// JBHI 2018), unless a property documents another default.
/// </summary>
public sealed class TrainingOptions
{
    /// <summary>Creates options with their defaults.</summary>
    public TrainingOptions()
    {
    }

    /// <summary>Creates a copy of options, which an initializer may then change.</summary>
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
        EncoderLearningRate = other.EncoderLearningRate;
        LearningRateSchedule = other.LearningRateSchedule;
        WarmUpEpochs = other.WarmUpEpochs;
        PlateauFactor = other.PlateauFactor;
        PlateauPatience = other.PlateauPatience;
        FocusingParameter = other.FocusingParameter;
        LabelSmoothing = other.LabelSmoothing;
        ClassWeightExponent = other.ClassWeightExponent;
        LossCombination = other.LossCombination;
        L2Regularization = other.L2Regularization;
        WeightDecay = other.WeightDecay;
        GateL1Regularization = other.GateL1Regularization;
        AverageDecay = other.AverageDecay;
        Augmentation = other.Augmentation;
        ValidationFraction = other.ValidationFraction;
        Seed = other.Seed;
    }

    /// <summary>The number of cases per mini-batch. Ignored if the balanced sampling stage is used.</summary>
    public int BatchSize { get; init; } = 144;

    /// <summary>
    /// The number of mini-batches per epoch; <see langword="null"/> for as many as the training cases fill. In every epoch each case then
    /// occurs exactly once, in mini-batches of at most <see cref="BatchSize"/> cases whose sizes differ by one at most. With balanced
    /// sampling, which repeats cases of rare labels, an epoch then has as many draws as there are cases, rounded up to whole mini-batches.
    /// </summary>
    public int? BatchesPerEpoch { get; init; } = 6;

    /// <summary>The maximum number of epochs.</summary>
    public int MaximumEpochs { get; init; } = 999;

    /// <summary>The number of consecutive epochs without improvement after which training ends.</summary>
    public int Patience { get; init; } = 200;

    /// <summary>
    /// The measure that determines the best epoch. The paper uses the validation loss. The default is the mean macro F1, because on
    /// Derm7pt the loss is lowest after about ten epochs, long before the predictions are best.
    /// </summary>
    public EarlyStoppingMetric EarlyStoppingMetric { get; init; } = EarlyStoppingMetric.MeanMacroF1;

    /// <summary>Adam's learning rate for weights and biases.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Adam's learning rate for the gates' a.</summary>
    public double GateLearningRate { get; init; } = 1e-1;

    /// <summary>
    /// Adam's learning rate for weights and biases of the encoder; <see langword="null"/> for <see cref="LearningRate"/>. Features that were
    /// learned from other images usually need a lower rate than new layers. Ignored if the network has no encoder with weights.
    /// </summary>
    public double? EncoderLearningRate { get; init; }

    /// <summary>The schedule that changes all learning rates by the same factor after <see cref="WarmUpEpochs"/>.</summary>
    public LearningRateSchedule LearningRateSchedule { get; init; } = LearningRateSchedule.Constant;

    /// <summary>
    /// The learning rates rise linearly from almost 0 over this many epochs (Goyal et al., arXiv:1706.02677); at least 0, less than
    /// <see cref="MaximumEpochs"/>, fractions allowed.
    /// </summary>
    public double WarmUpEpochs { get; init; }

    /// <summary>The factor of the learning rates in <see cref="LearningRateSchedule.Plateau"/>; between 0 and 1, exclusive.</summary>
    public double PlateauFactor { get; init; } = 0.1;

    /// <summary>
    /// <see cref="LearningRateSchedule.Plateau"/> lowers the learning rates each time this many epochs in a row have been no better than
    /// the best one before them; less than <see cref="Patience"/>.
    /// </summary>
    public int PlateauPatience { get; init; } = 10;

    /// <summary>The focusing parameter of the focal loss: 0 (plain cross-entropy), or at least 1.</summary>
    public double FocusingParameter { get; init; } = 2;

    /// <summary>
    /// The share of the target that label smoothing (Szegedy et al., CVPR 2016) gives to all labels of a task alike, in [0, 1); 0 for none.
    /// Validation losses are never smoothed.
    /// </summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// e of class weights (1 / frequency)^e, in [0, 1], where frequencies are those among the training cases and the mean weight of a
    /// case is 1: with 0 all cases weigh the same, with 1 all labels of a task weigh the same in sum. <see langword="null"/> for the
    /// weights of Kawahara et al., (largest label count) / (count of the label) within the mini-batch.
    /// </summary>
    public double? ClassWeightExponent { get; init; }

    /// <summary>The combination of the tasks' losses into one loss.</summary>
    public LossCombination LossCombination { get; init; } = LossCombination.Sum;

    /// <summary>λ in the term λ·½·Σ‖kernel‖² of the loss.</summary>
    public double L2Regularization { get; init; } = 1e-4;

    /// <summary>
    /// The decoupled weight decay λ of AdamW (Loshchilov and Hutter, ICLR 2019): every step also subtracts (learning rate)·λ of each kernel
    /// from it. Biases, normalization and gates do not decay. It is independent of <see cref="L2Regularization"/>, which Adam scales like a gradient.
    /// </summary>
    public double WeightDecay { get; init; }

    /// <summary>The weight of Σα over the learned gates in the loss; 0 leaves the term out.</summary>
    public double GateL1Regularization { get; init; }

    /// <summary>
    /// d of the exponential moving average of weights and running statistics, in [0, 1); 0 for none. After the n-th step the average
    /// takes the share 1 − min(d, (1 + n) / (10 + n)) of the weights. The average is validated and is used for the model;
    /// training continues from the weights themselves.
    /// </summary>
    public double AverageDecay { get; init; }

    /// <summary>Random changes of the training images; <see langword="null"/> for none.</summary>
    public AugmentationOptions? Augmentation { get; init; } = new();

    /// <summary>
    /// The share of the training cases that is set aside for validation where there is no <see cref="DataOptions.ValidationSet"/>,
    /// in [0, 1). With 0 there is no validation, no early stopping, and the last epoch's weights are kept.
    /// </summary>
    public double ValidationFraction { get; init; } = 0.2;

    /// <summary>The seed of initial weights, mini-batches, augmentation and dropout. On the processor, runs with the same seed are identical.</summary>
    public int Seed { get; init; } = 1;

    internal IEnumerable<string> Problems() =>
    [
        .. OptionCheck.Positive(BatchSize),
        .. BatchesPerEpoch is { } batches ? OptionCheck.Positive(batches, nameof(BatchesPerEpoch)) : [],
        .. OptionCheck.Positive(MaximumEpochs),
        .. OptionCheck.Positive(Patience),
        .. OptionCheck.Defined(EarlyStoppingMetric),
        .. OptionCheck.Positive(LearningRate),
        .. OptionCheck.Positive(GateLearningRate),
        .. EncoderLearningRate is { } encoder ? OptionCheck.Positive(encoder, nameof(EncoderLearningRate)) : [],
        .. ScheduleProblems(),
        // Between 0 and 1 the gradient of (1 − p)^γ is infinite at p = 1.
        .. OptionCheck.Require(FocusingParameter is 0 or >= 1 && double.IsFinite(FocusingParameter), FocusingParameter,
            double.IsPositiveInfinity(FocusingParameter) ? "finite" : "0 or at least 1"),
        .. OptionCheck.Share(LabelSmoothing),
        .. ClassWeightExponent is { } exponent ? OptionCheck.Require(exponent is >= 0 and <= 1, exponent, "in [0, 1]", nameof(ClassWeightExponent)) : [],
        .. OptionCheck.Defined(LossCombination),
        .. OptionCheck.NotNegative(L2Regularization),
        .. OptionCheck.NotNegative(WeightDecay),
        // A larger value would reverse the sign of every weight in a step.
        .. OptionCheck.Require(
            !(Math.Max(LearningRate, EncoderLearningRate ?? 0) * WeightDecay >= 1) || double.IsInfinity(WeightDecay), WeightDecay, "less than 1 / (learning rate)", nameof(WeightDecay)),
        .. OptionCheck.NotNegative(GateL1Regularization),
        .. OptionCheck.Share(AverageDecay),
        .. OptionCheck.Within(nameof(Augmentation), Augmentation?.Problems() ?? []),
        .. OptionCheck.Share(ValidationFraction),
    ];

    private IEnumerable<string> ScheduleProblems() =>
    [
        .. OptionCheck.Defined(LearningRateSchedule),
        .. OptionCheck.NotNegative(WarmUpEpochs),
        .. OptionCheck.Require(
            !(WarmUpEpochs >= Math.Max(1, MaximumEpochs)), WarmUpEpochs, $"less than {nameof(MaximumEpochs)}", nameof(WarmUpEpochs)),
        .. OptionCheck.Require(PlateauFactor is > 0 and < 1, PlateauFactor, "between 0 and 1"),
        .. OptionCheck.Positive(PlateauPatience),
        // Otherwise the training would end when the rates are first lowered.
        .. OptionCheck.Require(
            LearningRateSchedule != LearningRateSchedule.Plateau || PlateauPatience < Math.Max(1, Patience), PlateauPatience,
            $"less than {nameof(Patience)}", nameof(PlateauPatience)),
    ];
}
