namespace Derm7pt.MLNet.Evaluation;

/// <summary>Computes statistics that ignore undefined values (NaN).</summary>
internal static class DefinedValues
{
    /// <summary>Computes the mean; NaN without values.</summary>
    public static double Mean(IEnumerable<double> values) =>
        values.Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Computes the standard deviation of a sample (n − 1); NaN with fewer than two defined values.</summary>
    public static double StandardDeviation(IEnumerable<double> values)
    {
        double[] defined = Sort(values);
        double mean = Mean(defined);
        return defined.Length < 2 ? double.NaN : Math.Sqrt(defined.Sum(value => (value - mean) * (value - mean)) / (defined.Length - 1));
    }

    /// <summary>Sorts the defined values in ascending order.</summary>
    public static double[] Sort(IEnumerable<double> values) => [.. values.Where(value => !double.IsNaN(value)).Order()];

    /// <summary>
    /// Computes a quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, the default of R and
    /// NumPy); NaN without values.
    /// </summary>
    public static double Quantile(double[] sorted, double share)
    {
        if (sorted.Length == 0)
            return double.NaN;
        double position = share * (sorted.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }
}
