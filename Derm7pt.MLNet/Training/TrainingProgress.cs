namespace Derm7pt.MLNet;

/// <summary>Represents a progress report of a training run.</summary>
public abstract class TrainingProgress
{
    private TrainingProgress()
    {
    }

    /// <summary>Reports that images have been decoded, about once per hundred images and at the end.</summary>
    public sealed class ImagesRead : TrainingProgress
    {
        internal ImagesRead(int count) => Count = count;

        /// <summary>The number of images that have been read, for training and validation together.</summary>
        public int Count { get; }
    }

    /// <summary>
    /// Reports that the features of some images have been computed by a frozen encoder, before the first epoch
    /// (see <see cref="TrainingOptions.FeatureViews"/>).
    /// </summary>
    public sealed class FeaturesComputed : TrainingProgress
    {
        internal FeaturesComputed(int count, int total, long memoryBytes, long fileBytes) =>
            (Count, Total, MemoryBytes, FileBytes) = (count, total, memoryBytes, fileBytes);

        /// <summary>The number of images whose features have been computed; every view of a training image counts as one.</summary>
        public int Count { get; }

        /// <summary>The total number of images whose features are computed.</summary>
        public int Total { get; }

        /// <summary>The number of bytes of these features in memory.</summary>
        public long MemoryBytes { get; }

        /// <summary>The number of bytes of these features in temporary files.</summary>
        public long FileBytes { get; }
    }

    /// <summary>Reports that a run of a cross-validation starts. The reports that follow are those of this run.</summary>
    public sealed class RunStarted : TrainingProgress
    {
        internal RunStarted(int run, int runCount, int fold, int foldCount, int seed) =>
            (Run, RunCount, Fold, FoldCount, Seed) = (run, runCount, fold, foldCount, seed);

        /// <summary>The one-based run.</summary>
        public int Run { get; }

        /// <summary>The number of runs: the number of folds times the number of seeds.</summary>
        public int RunCount { get; }

        /// <summary>The one-based fold that is held out.</summary>
        public int Fold { get; }

        /// <summary>The number of folds.</summary>
        public int FoldCount { get; }

        /// <summary>The seed of the folds and of the training.</summary>
        public int Seed { get; }
    }

    /// <summary>Reports that a mini-batch is complete.</summary>
    public sealed class BatchDone : TrainingProgress
    {
        internal BatchDone(int epoch, int batch, int batchesPerEpoch, double loss) =>
            (Epoch, Batch, BatchesPerEpoch, Loss) = (epoch, batch, batchesPerEpoch, loss);

        /// <summary>The one-based epoch.</summary>
        public int Epoch { get; }

        /// <summary>The one-based mini-batch within the epoch.</summary>
        public int Batch { get; }

        /// <summary>The number of mini-batches of an epoch.</summary>
        public int BatchesPerEpoch { get; }

        /// <summary>The mini-batch's loss, without the L2 term.</summary>
        public double Loss { get; }
    }

    /// <summary>Reports that an epoch is complete.</summary>
    public sealed class EpochDone : TrainingProgress
    {
        internal EpochDone(EpochMetrics metrics, int bestEpoch, int maximumEpochs) =>
            (Metrics, BestEpoch, MaximumEpochs) = (metrics, bestEpoch, maximumEpochs);

        /// <summary>The measures of the epoch.</summary>
        public EpochMetrics Metrics { get; }

        /// <summary>The one-based best epoch up to now.</summary>
        public int BestEpoch { get; }

        /// <summary>The maximum number of epochs.</summary>
        public int MaximumEpochs { get; }
    }
}
