namespace Derm7pt.MLNet.Benchmarks.Harness;

/// <summary>The measurements of library and baseline in the same rounds.</summary>
internal sealed class PairedValues(int capacity)
{
    private readonly List<double> _ours = new(capacity), _baseline = new(capacity);

    public int Rounds => _ours.Count;

    public Spread Ours => Spread.Of(_ours);

    public Spread Baseline => Spread.Of(_baseline);

    public void Add(double ours, double baseline)
    {
        _ours.Add(ours);
        _baseline.Add(baseline);
    }

    /// <summary>
    /// Gets the median of the ratios of each round. A temporary slowdown of the machine affects both values of a round and not their ratio.
    /// </summary>
    public double Ratio(RatioKind kind) => Spread.Of(
        [.. _ours.Zip(_baseline, (ours, baseline) => kind == RatioKind.BaselineToOurs ? baseline / ours : ours / baseline)]).Median;
}
