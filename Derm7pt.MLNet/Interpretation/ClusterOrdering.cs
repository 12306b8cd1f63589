namespace Derm7pt.MLNet.Interpretation;

/// <summary>Puts items in an order in which those that are close stand together.</summary>
internal static class ClusterOrdering
{
    /// <summary>Joins the two clusters of the largest mean affinity until one is left; of ties, the first items' clusters.</summary>
    public static int[] Order(int count, Func<int, int, double> affinity)
    {
        List<int[]> clusters = [.. Enumerable.Range(0, count).Select(item => new[] { item })];
        while (clusters.Count > 1)
        {
            (int left, int right) = (
                from i in Enumerable.Range(0, clusters.Count)
                from j in Enumerable.Range(i + 1, clusters.Count - i - 1)
                select (i, j)).MaxBy(pair => Linkage(clusters[pair.i], clusters[pair.j], affinity));
            clusters[left] = Join(clusters[left], clusters[right], affinity);
            clusters.RemoveAt(right);
        }

        return clusters.Count == 0 ? [] : clusters[0];
    }

    private static double Linkage(int[] left, int[] right, Func<int, int, double> affinity) =>
        left.Average(i => right.Average(j => affinity(i, j)));

    /// <summary>Of the four ways to put one behind the other, takes that whose ends that meet are closest.</summary>
    private static int[] Join(int[] left, int[] right, Func<int, int, double> affinity)
    {
        int[] leftTurned = [.. left.Reverse()], rightTurned = [.. right.Reverse()];
        (int[] First, int[] Second)[] ways = [(left, right), (left, rightTurned), (leftTurned, right), (leftTurned, rightTurned)];
        (int[] First, int[] Second) best = ways.MaxBy(way => affinity(way.First[^1], way.Second[0]));
        return [.. best.First, .. best.Second];
    }
}
