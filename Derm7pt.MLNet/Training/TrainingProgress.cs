namespace Derm7pt.MLNet;

/// <summary>What a training run tells while it goes on.</summary>
public abstract class TrainingProgress
{
    private TrainingProgress()
    {
    }

    /// <summary>Images are being decoded; told about once every hundred images and at the end.</summary>
    public sealed class ImagesRead : TrainingProgress
    {
        internal ImagesRead(int count) => Count = count;

        /// <summary>The number of images read so far, training and validation together.</summary>
        public int Count { get; }
    }

    /// <summary>
    /// Features of a frozen encoder are being computed before the first epoch, see <see cref="TrainingOptions.FeatureViews"/>; reported after
    /// every few images.
    /// </summary>
    public sealed class FeaturesComputed : TrainingProgress
    {
        internal FeaturesComputed(int count, int total, long memoryBytes, long fileBytes) =>
            (Count, Total, MemoryBytes, FileBytes) = (count, total, memoryBytes, fileBytes);

        /// <summary>The number of images whose features are computed so far; every view of a training image counts as one.</summary>
        public int Count { get; }

        /// <summary>The number of images whose features are computed in all.</summary>
        public int Total { get; }

        /// <summary>Bytes of features that are held in memory so far.</summary>
        public long MemoryBytes { get; }

        /// <summary>Bytes of features that lie in temporary files so far.</summary>
        public long FileBytes { get; }
    }

    /// <summary>A mini-batch is done.</summary>
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

    /// <summary>An epoch is done.</summary>
    public sealed class EpochDone : TrainingProgress
    {
        internal EpochDone(EpochMetrics metrics, int bestEpoch, int maximumEpochs) =>
            (Metrics, BestEpoch, MaximumEpochs) = (metrics, bestEpoch, maximumEpochs);

        /// <summary>What it measured.</summary>
        public EpochMetrics Metrics { get; }

        /// <summary>The one-based epoch that was best so far.</summary>
        public int BestEpoch { get; }

        /// <summary>The number of epochs that training has at most.</summary>
        public int MaximumEpochs { get; }
    }
}
