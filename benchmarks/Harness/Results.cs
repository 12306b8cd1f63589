namespace Derm7pt.MLNet.Benchmarks.Harness;

/// <summary>All measurements of a run, as written to the file.</summary>
internal sealed class Results
{
    public DateTimeOffset Started { get; } = DateTimeOffset.Now;

    public required MachineInfo Machine { get; init; }

    public required BenchmarkSettings Settings { get; init; }

    public List<Row> Rows { get; } = [];

    public List<GrowthCurve> Growth { get; } = [];

    public List<Breakdown> Profile { get; } = [];

    public List<Remark> NotMeasured { get; } = [];

    public List<Remark> Failures { get; } = [];
}

/// <summary>A note about a section.</summary>
internal sealed record Remark(string Section, string Reason);

/// <summary>How a quantity grows with a size.</summary>
/// <param name="Quantity">For example "training".</param>
/// <param name="Unit">Of the quantity.</param>
/// <param name="Size">For example "cases".</param>
/// <param name="Points">The measurements, by size.</param>
/// <param name="Slope">Of the logarithms against those of the size.</param>
/// <param name="WorkSlope">Of the logarithms against those of the multiplications and additions; 1 is linear.</param>
internal sealed record GrowthCurve(
    string Quantity, string Unit, string Size, IReadOnlyList<GrowthPoint> Points, double Slope, double WorkSlope);

/// <param name="Label">The size, as it is written.</param>
/// <param name="Size">The size.</param>
/// <param name="Work">GFLOP of a forward pass over all cases.</param>
/// <param name="Value">What was measured.</param>
internal sealed record GrowthPoint(string Label, double Size, double Work, Spread Value);

/// <summary>A time and its parts.</summary>
internal sealed record Breakdown(string Name, IReadOnlyList<BreakdownPart> Parts);

/// <param name="Name">The part.</param>
/// <param name="Milliseconds">Its median.</param>
/// <param name="GigaflopsPerSecond">The rate of its arithmetic, where that is known.</param>
internal sealed record BreakdownPart(string Name, double Milliseconds, double? GigaflopsPerSecond = null);
