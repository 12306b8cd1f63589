using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Training;

/// <summary>Represents the state of a run after a complete epoch, without torch. A run that continues from it equals an uninterrupted run.</summary>
/// <remarks>
/// Random numbers are a function of seed, epoch and mini-batch, so that no state of a generator is needed. The state of early
/// stopping is computed from the epochs.
/// </remarks>
/// <param name="Epochs">The epochs, first to last.</param>
/// <param name="Network">Parameters and running statistics after the last epoch.</param>
/// <param name="Best">The same after the best epoch; null without validation, or where no epoch was better than the start.</param>
/// <param name="Optimizer">Adam's state for each parameter.</param>
/// <param name="Average">The moving averages of parameters and running statistics; null for a run without them.</param>
internal sealed record TrainingState(
    IReadOnlyList<EpochMetrics> Epochs,
    IReadOnlyList<NamedTensor> Network,
    IReadOnlyList<NamedTensor>? Best,
    IReadOnlyList<AdamMoments> Optimizer,
    IReadOnlyList<NamedTensor>? Average);

/// <summary>Represents Adam's state for a parameter.</summary>
/// <param name="Steps">The number of updates.</param>
/// <param name="First">The running mean of the gradient, named after the parameter.</param>
/// <param name="Second">The running mean of its square, named alike.</param>
internal sealed record AdamMoments(long Steps, NamedTensor First, NamedTensor Second);
