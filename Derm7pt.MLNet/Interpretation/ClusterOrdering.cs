namespace Derm7pt.MLNet.Interpretation;

/// <summary>Computes an order in which items with high affinity are close to each other.</summary>
internal static class ClusterOrdering
{
    /// <summary>Joins the two clusters with the largest mean affinity until one cluster is left; ties are resolved in item order.</summary>
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

    /// <summary>Concatenates two clusters in the one of four orientations whose adjacent ends have the highest affinity.</summary>
    private static int[] Join(int[] left, int[] right, Func<int, int, double> affinity)
    {
        int[] leftTurned = [.. left.Reverse()], rightTurned = [.. right.Reverse()];
        (int[] First, int[] Second)[] ways = [(left, right), (left, rightTurned), (leftTurned, right), (leftTurned, rightTurned)];
        (int[] First, int[] Second) best = ways.MaxBy(way => affinity(way.First[^1], way.Second[0]));
        return [.. best.First, .. best.Second];
    }
}
