namespace Derm7pt.MLNet.Benchmarks.Children;

/// <summary>What a process of its own measures, so that its peak memory is of nothing else.</summary>
internal enum ChildWork
{
    /// <summary>Loads libtorch and does nothing with it.</summary>
    Nothing,

    /// <summary>The library's training steps, from pixels.</summary>
    OurSteps,

    /// <summary>The literal network's training steps, from pixels.</summary>
    LiteralSteps,

    /// <summary>An epoch of the library's training.</summary>
    Training,

    /// <summary>The library's scoring.</summary>
    Scoring,
}

/// <param name="Work">What to do.</param>
/// <param name="Cases">On how many cases.</param>
/// <param name="Width">The width multiplier of the network.</param>
/// <param name="Extent">The height and width of the images.</param>
/// <param name="Rounds">How often.</param>
/// <param name="Device">Where to train.</param>
internal sealed record ChildTask(ChildWork Work, int Cases, int Width, int Extent, int Rounds, ComputeDevice Device)
{
    /// <summary>The model file to score with: a process that scores needs no libtorch, and should not load it to make one.</summary>
    public string? Model { get; init; }
}

/// <param name="Seconds">What each round took.</param>
/// <param name="PeakBytes">The most physical memory that the process had.</param>
internal sealed record ChildResult(IReadOnlyList<double> Seconds, long PeakBytes);
