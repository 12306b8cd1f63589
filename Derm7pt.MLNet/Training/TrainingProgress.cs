namespace Derm7pt.MLNet;

/// <summary>What a training run tells while it goes on.</summary>
public abstract record TrainingProgress
{
    private TrainingProgress()
    {
    }

    /// <summary>Images are being decoded; told about once every hundred images and at the end.</summary>
    /// <param name="Count">The number of images read so far, training and validation together.</param>
    public sealed record ImagesRead(int Count) : TrainingProgress;

    /// <summary>A mini-batch is done.</summary>
    /// <param name="Epoch">The one-based epoch.</param>
    /// <param name="Batch">The one-based mini-batch within the epoch.</param>
    /// <param name="BatchesPerEpoch">The number of mini-batches of an epoch.</param>
    /// <param name="Loss">The mini-batch's loss, without the L2 term.</param>
    public sealed record BatchDone(int Epoch, int Batch, int BatchesPerEpoch, double Loss) : TrainingProgress;

    /// <summary>An epoch is done.</summary>
    /// <param name="Metrics">What it measured.</param>
    /// <param name="BestEpoch">The one-based epoch that was best so far.</param>
    /// <param name="MaximumEpochs">The number of epochs that training has at most.</param>
    public sealed record EpochDone(EpochMetrics Metrics, int BestEpoch, int MaximumEpochs) : TrainingProgress;
}
