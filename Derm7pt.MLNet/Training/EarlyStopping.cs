namespace Derm7pt.MLNet.Training;

/// <summary>Remembers the best epoch, and says when none has been better for too long.</summary>
/// <param name="metric">What is watched.</param>
/// <param name="patience">How many epochs without improvement end the training.</param>
internal sealed class EarlyStopping(EarlyStoppingMetric metric, int patience)
{
    private double _best = double.NegativeInfinity;

    /// <summary>The one-based best epoch so far; 0 before the first.</summary>
    public int BestEpoch { get; private set; }

    /// <summary>Takes an epoch's metrics and says whether it is the best so far. Without validation the last one is.</summary>
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
