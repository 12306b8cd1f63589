namespace Derm7pt.MLNet.Benchmarks.Harness;

/// <summary>The middle and the ends of some measurements.</summary>
internal sealed record Spread(double Median, double Minimum, double Maximum)
{
    /// <exception cref="ArgumentException">There are no values.</exception>
    public static Spread Of(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
            throw new ArgumentException("There are no values.", nameof(values));
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }
}
