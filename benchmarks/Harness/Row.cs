using System.Globalization;

namespace Derm7pt.MLNet.Benchmarks.Harness;

/// <summary>Which of both is divided by the other.</summary>
internal enum RatioKind
{
    /// <summary>How many times as fast the library is.</summary>
    BaselineToOurs,

    /// <summary>The value of the library as a share of the baseline.</summary>
    OursToBaseline,
}

/// <summary>The target of a ratio.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="IsMinimum">Whether the ratio should be at least the limit, or at most.</param>
internal sealed record Target(double Limit, bool IsMinimum)
{
    public static Target AtLeast(double limit) => new(limit, IsMinimum: true);

    public static Target AtMost(double limit) => new(limit, IsMinimum: false);

    public bool IsMetBy(double ratio) => IsMinimum ? ratio >= Limit : ratio <= Limit;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsMinimum ? '≥' : '≤')} {Limit:0.00}");
}

/// <summary>One comparison: a row of the table.</summary>
internal sealed record Row
{
    /// <summary>The section that measured it.</summary>
    public string Section { get; init; } = "";

    public required string Name { get; init; }

    public required string Unit { get; init; }

    public required Spread Ours { get; init; }

    /// <summary>What the library is compared with.</summary>
    public required string BaselineName { get; init; }

    public required Spread Baseline { get; init; }

    public required RatioKind RatioIs { get; init; }

    public required double Ratio { get; init; }

    public Target? Target { get; init; }

    /// <summary>Whether the target is met; null where there is none.</summary>
    public bool? Met => Target?.IsMetBy(Ratio);

    public required int Rounds { get; init; }

    /// <summary>The largest difference between what both compute, checked before anything is timed; null where nothing is computed.</summary>
    public double? LargestDifference { get; init; }

    /// <summary>How large <see cref="LargestDifference"/> may be; null if it is not specified.</summary>
    public double? AllowedDifference { get; init; }

    public static Row Of(string name, string unit, string baselineName, PairedValues values, RatioKind kind) => new()
    {
        Name = name,
        Unit = unit,
        Ours = values.Ours,
        BaselineName = baselineName,
        Baseline = values.Baseline,
        RatioIs = kind,
        Ratio = values.Ratio(kind),
        Rounds = values.Rounds,
    };
}
