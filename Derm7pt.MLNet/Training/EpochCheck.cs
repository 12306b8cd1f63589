using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Training;

/// <summary>Checks that epochs that were read from a file match a network.</summary>
internal static class EpochCheck
{
    /// <returns>The last epoch's number; 0 without epochs.</returns>
    /// <exception cref="FormatException">An epoch is missing, out of order, or of another network; the message states which.</exception>
    public static int LastOf(IReadOnlyList<EpochMetrics> epochs, NetworkSpec network)
    {
        int entries = network.TaskCount * network.TaskCount, matrices = network.Gates is null ? 0 : network.BlockCount, last = 0;
        foreach (EpochMetrics? epoch in epochs)
        {
            if (epoch is null || epoch.Epoch <= last)
                throw new FormatException(Invariant($"what its history has after epoch {last} is no later epoch."));
            last = epoch.Epoch;
            if (epoch.Sharing.Count != matrices || epoch.Sharing.Any(matrix => matrix?.Length != entries))
            {
                throw new FormatException(
                    Invariant($"epoch {last} of its history must have {matrices} sharing matrices of {entries} values each."));
            }

            if (epoch.Validation is { } validation
                && new[] { validation.TaskLosses.Count, validation.MacroF1.Count, validation.Accuracy.Count }.Any(count => count != network.TaskCount))
            {
                throw new FormatException(Invariant($"epoch {last} of its history must have validation metrics of {network.TaskCount} tasks."));
            }
        }

        return last;
    }
}
