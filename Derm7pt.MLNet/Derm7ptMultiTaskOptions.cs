using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Networks;
using Microsoft.ML;

namespace Derm7pt.MLNet;

public sealed partial class Derm7ptMultiTaskEstimator
{
    /// <summary>
    /// Every number of the network and of its training. The defaults are those of Coppola, Lee and Guan (CVPR Workshops
    /// 2020) and Kawahara et al. (IEEE JBHI 2018), unless a property says otherwise.
    /// </summary>
    public sealed record Options
    {
        /// <summary>
        /// The column of pixels: images of one known size (ResizeImages gives them), or vectors of Single with
        /// dimensions (3, height, width), RGB in [0, 1] (ExtractPixels gives them).
        /// </summary>
        public string ImageColumnName { get; init; } = ColumnNames.Image;

        /// <summary>The tasks and their labels; label columns are named after the tasks.</summary>
        public Taxonomy Taxonomy { get; init; } = Taxonomy.Derm7pt;

        /// <summary>The channels that each block's convolution gives a task, before <see cref="WidthMultiplier"/>.</summary>
        public IReadOnlyList<int> FiltersPerBlock { get; init; } = [2, 4, 8, 16];

        /// <summary>Multiplies <see cref="FiltersPerBlock"/>; 0.5 gives the network of half the width, 1 at least a channel.</summary>
        public double WidthMultiplier { get; init; } = 1;

        /// <summary>Whether tasks learn to use each other's features.</summary>
        public GateMode Gates { get; init; } = GateMode.Learned;

        /// <summary>γ in α = 1 / (1 + exp(−γ·a)): how steeply a gate opens.</summary>
        public double GateSteepness { get; init; } = 3;

        /// <summary>The share of units that dropout zeroes in the heads, in [0, 1).</summary>
        public double Dropout { get; init; } = 0.3;

        /// <summary>
        /// Cases a mini-batch. Counts only without balanced sampling, whose mini-batches hold so many cases for every label.
        /// </summary>
        public int BatchSize { get; init; } = 144;

        /// <summary>Mini-batches an epoch.</summary>
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
        /// Validation cases, with the same columns as the training data has at this stage: where earlier stages prepare
        /// images, transform the validation cases with them first.
        /// </summary>
        public IDataView? ValidationSet { get; init; }

        /// <summary>
        /// The share of the training cases that is set aside for validation where there is no <see cref="ValidationSet"/>,
        /// in [0, 1). With 0 there is no validation, no early stopping, and the last epoch's weights are kept.
        /// </summary>
        public double ValidationFraction { get; init; } = 0.2;

        /// <summary>Decides initial weights, mini-batches, augmentation and dropout. On the processor a run with the same seed repeats.</summary>
        public int Seed { get; init; } = 1;

        /// <summary>Where to train.</summary>
        public ComputeDevice Device { get; init; } = ComputeDevice.Auto;

        /// <summary>
        /// Bytes of decoded images that are held in memory; what is above goes to memory-mapped temporary files. An image
        /// takes 3·height·width bytes.
        /// </summary>
        public long ImageCacheBytes { get; init; } = 2L << 30;

        /// <summary>
        /// Images that a thread reads and scores in one go. There are as many threads as processors, and each holds the pixels of one batch.
        /// </summary>
        public int ScoringBatchSize { get; init; } = 4;

        /// <summary>Hears of images read, batches and epochs, one report at a time; those of images come from the threads that read.</summary>
        public IProgress<TrainingProgress>? Progress { get; init; }

        /// <summary>
        /// A context whose <see cref="MLContext.Log"/> receives a message for every epoch, and warnings of missing labels and of rows
        /// with one image within the training data or between them and the <see cref="ValidationSet"/> (leakage).
        /// </summary>
        public MLContext? LogTo { get; init; }

        /// <summary>
        /// Ends the training between two mini-batches, with an <see cref="OperationCanceledException"/>. With a
        /// <see cref="CheckpointPath"/> the last complete epoch is written there first.
        /// </summary>
        public CancellationToken Cancellation { get; init; }

        /// <summary>
        /// A file in which the training leaves its state every <see cref="CheckpointEveryEpochs"/> epochs, when it is
        /// cancelled and when it is done; <see langword="null"/> for none. Its folder must exist.
        /// </summary>
        /// <remarks>
        /// <para>
        /// Where the file exists, Fit goes on from it and gives the model that it would have given without it, only sooner:
        /// on the processor the same weights bit for bit, as if the training had never stopped. From the file of a training
        /// that is done it gives that model at once; with a higher <see cref="MaximumEpochs"/> it trains on.
        /// </para>
        /// <para>
        /// Only <see cref="MaximumEpochs"/>, <see cref="Device"/> and what does not touch the weights may differ from the run
        /// that wrote the file. Where anything else does, the training and validation cases included, Fit throws an
        /// <see cref="InvalidOperationException"/> that says what; where the file is damaged or something else, a
        /// <see cref="Derm7ptModelException"/>. It neither starts anew then nor overwrites the file.
        /// </para>
        /// <para>
        /// Fit never deletes the file, as its model is in memory only: delete it when the model is saved. In
        /// cross-validation every fold is a run of its own, so a single file does not serve it.
        /// </para>
        /// </remarks>
        public string? CheckpointPath { get; init; }

        /// <summary>How many epochs lie between two checkpoints.</summary>
        public int CheckpointEveryEpochs { get; init; } = 10;

        /// <summary>
        /// A model, just trained or loaded, whose weights the training starts from; <see langword="null"/> starts from
        /// random ones. It stays as it is.
        /// </summary>
        /// <remarks>
        /// Its network must have the same label counts, filters, gates and gate steepness. Taxonomies with other names,
        /// dropout and the size of the images may differ.
        /// </remarks>
        public Derm7ptMultiTaskTransformer? InitialModel { get; init; }

        /// <summary>Computes the features that the first block reads; the pixels themselves where null.</summary>
        internal Encoder? Encoder { get; init; }

        /// <summary>How the tasks use each other's features; gates where null.</summary>
        internal SharingScheme? Sharing { get; init; }

        /// <summary>The network that the options describe.</summary>
        internal NetworkSpec CreateNetwork()
        {
            NetworkSpec network = NetworkSpec.Gated(
                Taxonomy.Tasks.Select(task => task.Labels.Count),
                FiltersPerBlock.Select(filters => Math.Max(1, (int)Math.Round(filters * WidthMultiplier))),
                Gates, GateSteepness, Dropout);
            return network with { Encoder = Encoder ?? network.Encoder, Sharing = Sharing ?? network.Sharing };
        }

        /// <exception cref="ArgumentException">Values are out of range; the message names all of them.</exception>
        internal void Validate()
        {
            string[] problems = [.. Problems()];
            if (problems.Length > 0)
                throw new ArgumentException(string.Join(Environment.NewLine, problems));
        }

        private double GateCount(int tasks) => (double)tasks * tasks * FiltersPerBlock.Sum(filters => Math.Max(1, filters * WidthMultiplier));

        private IEnumerable<string> Problems()
        {
            if (string.IsNullOrWhiteSpace(ImageColumnName))
                yield return "ImageColumnName must name a column.";
            if (Taxonomy is null)
                yield return "Taxonomy must not be null.";
            foreach (string name in Taxonomy is null ? [] : ColumnNames.Clashes(Taxonomy))
                yield return $"The tasks of the taxonomy give two columns the name '{name}'.";
            if (FiltersPerBlock is not { Count: > 0 } || FiltersPerBlock.Any(filters => filters <= 0))
                yield return $"FiltersPerBlock must hold positive numbers, got [{string.Join(", ", FiltersPerBlock ?? [])}].";
            else if (FiltersPerBlock.Count > NetworkLimits.Blocks || FiltersPerBlock.Max() * WidthMultiplier > NetworkLimits.Filters)
                yield return $"FiltersPerBlock must hold at most {NetworkLimits.Blocks} numbers, and times WidthMultiplier at most {NetworkLimits.Filters}.";
            else if (Taxonomy is not null && GateCount(Taxonomy.Tasks.Count) > NetworkLimits.Gates)
                yield return $"The network has more than {NetworkLimits.Gates} gates: reduce FiltersPerBlock, WidthMultiplier or the tasks.";
            if (!Enum.IsDefined(Gates))
                yield return $"Gates must be Learned or Closed, got {Gates}.";
            if (!Enum.IsDefined(EarlyStoppingMetric))
                yield return $"EarlyStoppingMetric must be MeanMacroF1 or ValidationLoss, got {EarlyStoppingMetric}.";
            if (!Enum.IsDefined(Device))
                yield return $"Device must be Auto, Cpu, Cuda or Mps, got {Device}.";
            foreach ((string name, double value) in ((string, double)[])
                [(nameof(WidthMultiplier), WidthMultiplier), (nameof(GateSteepness), GateSteepness),
                 (nameof(LearningRate), LearningRate), (nameof(GateLearningRate), GateLearningRate)])
            {
                if (!(value > 0 && double.IsFinite(value)))
                    yield return $"{name} must be positive, got {value}.";
            }

            foreach ((string name, double value) in ((string, double)[])
                [(nameof(L2Regularization), L2Regularization), (nameof(GateL1Regularization), GateL1Regularization)])
            {
                if (!(value >= 0 && double.IsFinite(value)))
                    yield return $"{name} must be 0 or more, got {value}.";
            }

            foreach ((string name, double value) in ((string, double)[])
                [(nameof(Dropout), Dropout), (nameof(ValidationFraction), ValidationFraction)])
            {
                if (value is not (>= 0 and < 1))
                    yield return $"{name} must be in [0, 1), got {value}.";
            }

            // Between 0 and 1 the gradient of (1 − p)^γ is infinite at p = 1.
            if (FocusingParameter is not (0 or >= 1) || !double.IsFinite(FocusingParameter))
                yield return $"FocusingParameter must be 0 or at least 1, got {FocusingParameter}.";
            foreach ((string name, long value) in ((string, long)[])
                [(nameof(BatchSize), BatchSize), (nameof(BatchesPerEpoch), BatchesPerEpoch), (nameof(MaximumEpochs), MaximumEpochs),
                 (nameof(Patience), Patience), (nameof(ScoringBatchSize), ScoringBatchSize),
                 (nameof(CheckpointEveryEpochs), CheckpointEveryEpochs)])
            {
                if (value <= 0)
                    yield return $"{name} must be positive, got {value}.";
            }

            if (CheckpointPath is not null && string.IsNullOrWhiteSpace(CheckpointPath))
                yield return "CheckpointPath must name a file, or be null.";
            if (ImageCacheBytes < 0)
                yield return $"ImageCacheBytes must be 0 or more, got {ImageCacheBytes}.";
            if (GateL1Regularization > 0 && Sharing is not (null or IGates))
                yield return "GateL1Regularization must be 0 where the sharing scheme has no gates.";
            foreach (string problem in (Augmentation?.Problems() ?? []).Concat(Encoder?.Problems() ?? []).Concat(Sharing?.Problems() ?? []))
                yield return problem;
        }
    }
}
