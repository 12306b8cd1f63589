namespace Derm7pt.MLNet.Training;

/// <summary>
/// Computes the factor of the learning rates of a mini-batch: a pure function of the position in the run and of the epochs before it,
/// so that a resumed run needs no state for it.
/// </summary>
internal static class LearningRateFactor
{
    /// <param name="options">The schedule.</param>
    /// <param name="done">The complete epochs.</param>
    /// <param name="batch">The zero-based mini-batch of the epoch after them.</param>
    /// <param name="batchesPerEpoch">The number of mini-batches per epoch.</param>
    /// <returns>In (0, 1].</returns>
    public static double At(TrainingOptions options, IReadOnlyList<EpochMetrics> done, int batch, int batchesPerEpoch)
    {
        double step = ((double)done.Count * batchesPerEpoch) + batch, warmUp = options.WarmUpEpochs * batchesPerEpoch;
        double rise = step + 1 < warmUp ? (step + 1) / warmUp : 1;
        return rise * options.LearningRateSchedule switch
        {
            LearningRateSchedule.Cosine =>
                0.5 * (1 + Math.Cos(Math.PI * Math.Max(0, step - warmUp) / (((double)options.MaximumEpochs * batchesPerEpoch) - warmUp))),
            LearningRateSchedule.Plateau => Math.Pow(options.PlateauFactor, Plateaus(options, done)),
            _ => 1,
        };
    }

    private static int Plateaus(TrainingOptions options, IReadOnlyList<EpochMetrics> done)
    {
        var watched = new EarlyStopping(options.EarlyStoppingMetric, options.Patience);
        int plateaus = 0, length = 0;
        foreach (EpochMetrics epoch in done)
        {
            length = watched.IsBest(epoch.Epoch, epoch.Validation) ? 0 : length + 1;
            if (length == options.PlateauPatience)
                (plateaus, length) = (plateaus + 1, 0);
        }

        return plateaus;
    }
}
