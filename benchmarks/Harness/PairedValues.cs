namespace Derm7pt.MLNet.Benchmarks.Harness;

/// <summary>What was measured of two things in the same rounds.</summary>
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
    /// The median of the rounds' own ratios: what slows the machine for a while slows both of a round, and the ratio stays.
    /// </summary>
    public double Ratio(RatioKind kind) => Spread.Of(
        [.. _ours.Zip(_baseline, (ours, baseline) => kind == RatioKind.BaselineToOurs ? baseline / ours : ours / baseline)]).Median;
}
