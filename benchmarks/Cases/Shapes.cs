using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>The networks that are measured.</summary>
internal static class Shapes
{
    /// <summary>The network of the paper, or one of another width.</summary>
    public static NetworkSpec OfWidth(int width) => new NetworkOptions { WidthMultiplier = width }
        .CreateNetwork(Taxonomy.Derm7pt.Tasks.Select(task => task.Labels.Count), encoder: null);
}
