namespace Derm7pt.MLNet;

/// <summary>Specifies how the learning rates change during training.</summary>
public enum LearningRateSchedule
{
    /// <summary>They stay as they are.</summary>
    Constant,

    /// <summary>
    /// They fall along half a period of the cosine and reach 0 at the end of <see cref="TrainingOptions.MaximumEpochs"/>
    /// (Loshchilov and Hutter, ICLR 2017, without restarts).
    /// </summary>
    Cosine,

    /// <summary>
    /// They are multiplied by <see cref="TrainingOptions.PlateauFactor"/> each time <see cref="TrainingOptions.PlateauPatience"/> epochs
    /// in a row have not improved <see cref="TrainingOptions.EarlyStoppingMetric"/>. It needs validation cases.
    /// </summary>
    Plateau,
}
