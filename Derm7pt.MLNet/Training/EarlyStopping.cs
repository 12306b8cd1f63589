namespace Derm7pt.MLNet.Training;

/// <summary>Stores the best epoch, and determines when training should stop.</summary>
/// <param name="metric">The measure that is compared.</param>
/// <param name="patience">The number of epochs without improvement after which training ends.</param>
internal sealed class EarlyStopping(EarlyStoppingMetric metric, int patience)
{
    private double _best = double.NegativeInfinity;

    /// <summary>The one-based best epoch up to now; 0 before the first epoch.</summary>
    public int BestEpoch { get; private set; }

    /// <summary>Determines whether an epoch is the best up to now. Without validation, every epoch is.</summary>
    public bool IsBest(int epoch, ValidationMetrics? metrics)
    {
        if (metrics is not null)
        {
            double value = metric == EarlyStoppingMetric.MeanMacroF1 ? metrics.MeanMacroF1 : -metrics.Loss;
            if (!(value > _best))
                return false;
            _best = value;
        }

        BestEpoch = epoch;
        return true;
    }

    public bool ShouldStop(int epoch) => epoch - BestEpoch >= patience;
}
