using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Training;

/// <summary>A run after a complete epoch, outside torch: all that it needs to go on as if it had never stopped.</summary>
/// <remarks>
/// What is random is a function of seed, epoch and mini-batch, so no generator's state belongs here; what early stopping
/// knows follows from the epochs.
/// </remarks>
/// <param name="Epochs">The epochs, first to last.</param>
/// <param name="Network">Parameters and running statistics after the last epoch.</param>
/// <param name="Best">The same after the best epoch; null without validation, or where no epoch was better than the start.</param>
/// <param name="Optimizer">What Adam knows of each parameter.</param>
/// <param name="Average">The moving averages of parameters and running statistics; null for a run without them.</param>
internal sealed record TrainingState(
    IReadOnlyList<EpochMetrics> Epochs,
    IReadOnlyList<NamedTensor> Network,
    IReadOnlyList<NamedTensor>? Best,
    IReadOnlyList<AdamMoments> Optimizer,
    IReadOnlyList<NamedTensor>? Average);

/// <summary>What Adam knows of a parameter.</summary>
/// <param name="Steps">The updates so far.</param>
/// <param name="First">The running mean of the gradient, named after the parameter.</param>
/// <param name="Second">The running mean of its square, named alike.</param>
internal sealed record AdamMoments(long Steps, NamedTensor First, NamedTensor Second);
