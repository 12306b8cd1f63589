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

    /// <summary>A run of a cross-validation starts; the reports that follow belong to it.</summary>
    public sealed class RunStarted : TrainingProgress
    {
        internal RunStarted(int run, int runCount, int fold, int foldCount, int seed) =>
            (Run, RunCount, Fold, FoldCount, Seed) = (run, runCount, fold, foldCount, seed);

        /// <summary>The one-based run.</summary>
        public int Run { get; }

        /// <summary>The number of runs: that of the folds times that of the seeds.</summary>
        public int RunCount { get; }

        /// <summary>The one-based fold that is held out.</summary>
        public int Fold { get; }

        /// <summary>The number of folds.</summary>
        public int FoldCount { get; }

        /// <summary>The seed of folds and training.</summary>
        public int Seed { get; }
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
