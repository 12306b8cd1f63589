namespace Derm7pt.MLNet;

/// <summary>What a training run measured, epoch by epoch.</summary>
/// <param name="Epochs">The epochs, first to last.</param>
/// <param name="BestEpoch">The one-based epoch whose weights the model has: the best on validation cases, or the last without them.</param>
public sealed record TrainingHistory(IReadOnlyList<EpochMetrics> Epochs, int BestEpoch);

/// <summary>What one epoch measured.</summary>
/// <param name="Epoch">The one-based epoch.</param>
/// <param name="TrainingLoss">The mean loss of its mini-batches, with the L1 term, and the L2 term at its end.</param>
/// <param name="Validation">What the validation cases gave; <see langword="null"/> without validation cases.</param>
/// <param name="Sharing">
/// For each block a T × T matrix in row-major order: the mean gate α with which the row's task takes the column's
/// features, in [0, 1]; 1 on the diagonal.
/// </param>
/// <param name="Duration">How long the epoch took.</param>
public sealed record EpochMetrics(
    int Epoch, double TrainingLoss, ValidationMetrics? Validation, IReadOnlyList<float[]> Sharing, TimeSpan Duration);

/// <summary>What the validation cases gave: unweighted, unaugmented, in their natural distribution.</summary>
/// <param name="Loss">Σ over tasks of the mean focal loss, with the L2 and L1 terms.</param>
/// <param name="TaskLosses">The mean focal loss of each task.</param>
/// <param name="MacroF1">The macro-averaged F1 of each task, in [0, 1]; NaN for a task of which no case has a label.</param>
/// <param name="Accuracy">The accuracy of each task, in [0, 1].</param>
public sealed record ValidationMetrics(
    double Loss, IReadOnlyList<double> TaskLosses, IReadOnlyList<double> MacroF1, IReadOnlyList<double> Accuracy)
{
    /// <summary>The mean of <see cref="MacroF1"/> over the tasks of which validation cases have labels; NaN where none has.</summary>
    public double MeanMacroF1 => MacroF1.Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();
}
