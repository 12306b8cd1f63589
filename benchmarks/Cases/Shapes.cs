using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>The networks that are measured.</summary>
internal static class Shapes
{
    private static readonly Derm7ptMultiTaskEstimator.Options Defaults = new();

    /// <summary>The network of the paper, or one of another width.</summary>
    public static NetworkSpec OfWidth(int width) => NetworkSpec.Gated(
        Defaults.Taxonomy.Tasks.Select(task => task.Labels.Count),
        Defaults.FiltersPerBlock.Select(filters => width * filters),
        Defaults.Gates,
        Defaults.GateSteepness,
        Defaults.Dropout);
}
