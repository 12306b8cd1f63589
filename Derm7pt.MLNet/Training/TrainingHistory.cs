namespace Derm7pt.MLNet;

/// <summary>Represents the measures of each epoch of a training run.</summary>
public sealed class TrainingHistory
{
    internal TrainingHistory(IReadOnlyList<EpochMetrics> epochs, int bestEpoch) => (Epochs, BestEpoch) = (epochs, bestEpoch);

    /// <summary>The epochs, first to last.</summary>
    public IReadOnlyList<EpochMetrics> Epochs { get; }

    /// <summary>
    /// The one-based epoch whose weights the model has: the best on validation cases, or the last without them.
    /// </summary>
    public int BestEpoch { get; }
}

/// <summary>Represents the measures of one epoch.</summary>
public sealed class EpochMetrics
{
    internal EpochMetrics(
        int epoch, double trainingLoss, ValidationMetrics? validation, IReadOnlyList<float[]> sharing, TimeSpan duration) =>
        (Epoch, TrainingLoss, Validation, Sharing, Duration) = (epoch, trainingLoss, validation, sharing, duration);

    /// <summary>The one-based epoch.</summary>
    public int Epoch { get; }

    /// <summary>The mean loss of its mini-batches, with the L1 term, and the L2 term at its end.</summary>
    public double TrainingLoss { get; }

    /// <summary>The measures of the validation cases; <see langword="null"/> without validation cases.</summary>
    public ValidationMetrics? Validation { get; }

    /// <summary>
    /// For each block a T × T matrix in row-major order: the mean gate α through which the row's task uses the column's
    /// features, in [0, 1]; 1 on the diagonal.
    /// </summary>
    public IReadOnlyList<float[]> Sharing { get; }

    /// <summary>The duration of the epoch.</summary>
    public TimeSpan Duration { get; }
}

/// <summary>Represents the measures of the validation cases, unweighted, without augmentation and in their natural distribution.</summary>
public sealed class ValidationMetrics
{
    internal ValidationMetrics(
        double loss, IReadOnlyList<double> taskLosses, IReadOnlyList<double> macroF1, IReadOnlyList<double> accuracy) =>
        (Loss, TaskLosses, MacroF1, Accuracy) = (loss, taskLosses, macroF1, accuracy);

    /// <summary>The sum or the mean of <see cref="TaskLosses"/>, see <see cref="TrainingOptions.LossCombination"/>, with the L2 and L1 terms.</summary>
    public double Loss { get; }

    /// <summary>The mean focal loss of each task.</summary>
    public IReadOnlyList<double> TaskLosses { get; }

    /// <summary>The macro-averaged F1 of each task, in [0, 1]; NaN for a task of which no case has a label.</summary>
    public IReadOnlyList<double> MacroF1 { get; }

    /// <summary>The accuracy of each task, in [0, 1].</summary>
    public IReadOnlyList<double> Accuracy { get; }

    /// <summary>The mean of <see cref="MacroF1"/> over the tasks of which validation cases have labels; NaN if none has.</summary>
    public double MeanMacroF1 => MacroF1.Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();
}
