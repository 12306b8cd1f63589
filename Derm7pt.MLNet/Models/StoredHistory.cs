namespace Derm7pt.MLNet.Models;

/// <summary>Represents the JSON form of a <see cref="TrainingHistory"/>. The names and the order of the properties are part of the file formats.</summary>
internal sealed record StoredHistory(IReadOnlyList<StoredEpoch> Epochs, int BestEpoch)
{
    public static StoredHistory Of(TrainingHistory history) => new(StoredEpoch.Of(history.Epochs), history.BestEpoch);

    public TrainingHistory ToHistory() => new(StoredEpoch.ToMetrics(Epochs), BestEpoch);
}

/// <summary>Represents the JSON form of <see cref="EpochMetrics"/>.</summary>
internal sealed record StoredEpoch(
    int Epoch, double TrainingLoss, StoredValidation? Validation, IReadOnlyList<float[]> Sharing, TimeSpan Duration)
{
    public static StoredEpoch[] Of(IReadOnlyList<EpochMetrics> epochs) =>
    [
        .. epochs.Select(epoch => new StoredEpoch(
            epoch.Epoch,
            epoch.TrainingLoss,
            epoch.Validation is { } v ? new StoredValidation(v.Loss, v.TaskLosses, v.MacroF1, v.Accuracy) : null,
            epoch.Sharing,
            epoch.Duration)),
    ];

    /// <remarks>An element that is null in the file remains null; the subsequent check of the epochs reports it.</remarks>
    public static EpochMetrics[] ToMetrics(IReadOnlyList<StoredEpoch> epochs) =>
        [.. epochs.Select(epoch => ((StoredEpoch?)epoch)?.ToMetrics()!)];

    private EpochMetrics ToMetrics() => new(
        Epoch,
        TrainingLoss,
        Validation is { } v ? new ValidationMetrics(v.Loss, v.TaskLosses, v.MacroF1, v.Accuracy) : null,
        Sharing,
        Duration);
}

/// <summary>Represents the JSON form of <see cref="ValidationMetrics"/>.</summary>
internal sealed record StoredValidation(
    double Loss, IReadOnlyList<double> TaskLosses, IReadOnlyList<double> MacroF1, IReadOnlyList<double> Accuracy)
{
    /// <summary>The mean macro F1. It is written for other programs; this library computes it from the other properties.</summary>
    public double MeanMacroF1 => new ValidationMetrics(Loss, TaskLosses, MacroF1, Accuracy).MeanMacroF1;
}
