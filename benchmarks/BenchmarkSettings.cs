namespace Derm7pt.MLNet.Benchmarks;

/// <summary>The sizes of the measurements.</summary>
internal sealed record BenchmarkSettings
{
    /// <summary>The sizes of the paper, and enough images that an image more or less does not show.</summary>
    public static BenchmarkSettings Full { get; } = new()
    {
        Rounds = 7,
        Extent = 256,
        Batch = 144,
        WideBatch = 48,
        ScoredImages = 128,
        ReleaseCases = 300,
        Growth = new GrowthSizes(Cases: [48, 96, 192, 384], Widths: [1, 2, 3, 4], Extents: [128, 192, 256, 384], BaseCases: 96, Rounds: 3),
        MatrixExtent = 2048,
        HasTargets = true,
    };

    /// <summary>Gets small settings to check that all sections run.</summary>
    public static BenchmarkSettings Quick { get; } = new()
    {
        Rounds = 2,
        Extent = 96,
        Batch = 8,
        WideBatch = 8,
        ScoredImages = 8,
        ReleaseCases = 30,
        Growth = new GrowthSizes(Cases: [4, 8], Widths: [1, 2], Extents: [96, 128], BaseCases: 4, Rounds: 1),
        MatrixExtent = 512,
    };

    public required int Rounds { get; init; }

    /// <summary>The height and width of images, in pixels.</summary>
    public required int Extent { get; init; }

    /// <summary>The mini-batch at width 1.</summary>
    public required int Batch { get; init; }

    /// <summary>The width multiplier of the wide network.</summary>
    public int WideWidth { get; init; } = 4;

    /// <summary>The mini-batch of the wide network.</summary>
    public required int WideBatch { get; init; }

    /// <summary>Images that are scored in a round.</summary>
    public required int ScoredImages { get; init; }

    /// <summary>Cases of the synthetic release; images are read from its training split.</summary>
    public required int ReleaseCases { get; init; }

    public required GrowthSizes Growth { get; init; }

    /// <summary>The height and width of the matrices that the machine's own speed is measured with.</summary>
    public required int MatrixExtent { get; init; }

    /// <summary>Whether the sizes are those that targets are set for.</summary>
    public bool HasTargets { get; init; }

    public ComputeDevice Device { get; init; } = ComputeDevice.Cpu;

    /// <summary>The Python to run; if null, one that can import torch is searched for.</summary>
    public string? Python { get; init; }
}

/// <summary>The sizes at which growth is measured: one varies, the others stay at their base.</summary>
/// <param name="Cases">Numbers of cases.</param>
/// <param name="Widths">Width multipliers.</param>
/// <param name="Extents">Heights and widths of images.</param>
/// <param name="BaseCases">Cases while something else varies.</param>
/// <param name="Rounds">How often each size is measured.</param>
internal sealed record GrowthSizes(
    IReadOnlyList<int> Cases, IReadOnlyList<int> Widths, IReadOnlyList<int> Extents, int BaseCases, int Rounds);
