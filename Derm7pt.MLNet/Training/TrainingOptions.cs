using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet;

/// <summary>
/// How the network is trained. The defaults are those of Coppola, Lee and Guan (CVPR Workshops 2020) and Kawahara et al. (IEEE
/// JBHI 2018), unless a property has another one documented.
/// </summary>
public sealed class TrainingOptions
{
    private const int MaximumFeatureViews = 64;

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
        FeatureViews = other.FeatureViews;
        ValidationFraction = other.ValidationFraction;
        Seed = other.Seed;
    }

    /// <summary>The number of cases per mini-batch. Ignored where the balanced sampling stage is used, which determines it itself.</summary>
    public int BatchSize { get; init; } = 144;

    /// <summary>
    /// The number of mini-batches per epoch; <see langword="null"/> for as many as the training cases fill. In every epoch each case then
    /// comes exactly once, in mini-batches of at most <see cref="BatchSize"/> cases whose sizes differ by one at most. With balanced
    /// sampling, which repeats cases of rare labels, an epoch then has as many draws as there are cases, rounded up to whole mini-batches.
    /// </summary>
    public int? BatchesPerEpoch { get; init; } = 6;

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

    /// <summary>
    /// Adam's learning rate for weights and biases of the encoder; <see langword="null"/> for <see cref="LearningRate"/>. Features that were
    /// learned from other images are usually changed more slowly than what is new. Without an encoder that has weights it has no effect.
    /// </summary>
    public double? EncoderLearningRate { get; init; }

    /// <summary>How the learning rates, all by the same factor, change after <see cref="WarmUpEpochs"/>.</summary>
    public LearningRateSchedule LearningRateSchedule { get; init; } = LearningRateSchedule.Constant;

    /// <summary>
    /// The learning rates rise linearly from almost 0 over this many epochs (Goyal et al., arXiv:1706.02677); at least 0, less than
    /// <see cref="MaximumEpochs"/>, fractions allowed.
    /// </summary>
    public double WarmUpEpochs { get; init; }

    /// <summary>What <see cref="LearningRateSchedule.Plateau"/> multiplies the learning rates by; between 0 and 1, exclusive.</summary>
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

    /// <summary>How one loss is made of the tasks' losses.</summary>
    public LossCombination LossCombination { get; init; } = LossCombination.Sum;

    /// <summary>λ in the term λ·½·Σ‖kernel‖² of the loss.</summary>
    public double L2Regularization { get; init; } = 1e-4;

    /// <summary>
    /// The decoupled weight decay λ of AdamW (Loshchilov and Hutter, ICLR 2019): every step also takes (learning rate)·λ of each kernel
    /// off it. Biases, normalization and gates do not decay. It is independent of <see cref="L2Regularization"/>, which Adam scales like a gradient.
    /// </summary>
    public double WeightDecay { get; init; }

    /// <summary>The weight of Σα over the learned gates in the loss; 0 leaves the term out.</summary>
    public double GateL1Regularization { get; init; }

    /// <summary>
    /// d of the exponential moving average of weights and running statistics, in [0, 1); 0 for none. After the n-th step the average
    /// takes the share 1 − min(d, (1 + n) / (10 + n)) of the weights. It is what is validated and what the model gets;
    /// training goes on from the weights themselves.
    /// </summary>
    public double AverageDecay { get; init; }

    /// <summary>Random changes of the training images; <see langword="null"/> for none.</summary>
    public AugmentationOptions? Augmentation { get; init; } = new();

    /// <summary>
    /// The number of views of each training image, changed as <see cref="Augmentation"/> asks, whose features are computed once where no part
    /// of the encoder is trained; 1 to 64. <see langword="null"/> to change the images and compute their features anew in each step.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The features are computed before the first epoch, and each use of an image takes one of its views at random, so that a step no longer
    /// runs the encoder. More views are nearer to changes without end; time and memory before the first epoch grow with them: the features of
    /// a ResNet-18 after its third stage, of an image of 224×224, take 0.2 MB a view. What <see cref="DataOptions.ImageCacheBytes"/> leaves no
    /// room for goes to temporary files.
    /// </para>
    /// <para>
    /// Images that nothing changes, those of validation and, without <see cref="Augmentation"/>, those of training, have one view, whatever
    /// this number is. An encoder that is trained, and a network without one, compute everything in each step.
    /// </para>
    /// </remarks>
    public int? FeatureViews { get; init; } = 8;

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
        // Beyond it a step would turn the sign of every weight.
        .. OptionCheck.Require(
            !(Math.Max(LearningRate, EncoderLearningRate ?? 0) * WeightDecay >= 1) || double.IsInfinity(WeightDecay), WeightDecay, "less than 1 / (learning rate)", nameof(WeightDecay)),
        .. OptionCheck.NotNegative(GateL1Regularization),
        .. OptionCheck.Share(AverageDecay),
        .. OptionCheck.Within(nameof(Augmentation), Augmentation?.Problems() ?? []),
        .. OptionCheck.Require(FeatureViews is null or (>= 1 and <= MaximumFeatureViews), FeatureViews, Invariant($"from 1 to {MaximumFeatureViews}, or null")),
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
        // The training would end where the rates are lowered for the first time.
        .. OptionCheck.Require(
            LearningRateSchedule != LearningRateSchedule.Plateau || PlateauPatience < Math.Max(1, Patience), PlateauPatience,
            $"less than {nameof(Patience)}", nameof(PlateauPatience)),
    ];
}
