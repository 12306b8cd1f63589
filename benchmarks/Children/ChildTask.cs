using Derm7pt.MLNet.Benchmarks.Harness;

namespace Derm7pt.MLNet.Benchmarks.Children;

/// <summary>A measurement in a separate process, so that the peak memory includes nothing else.</summary>
internal enum ChildWork
{
    /// <summary>Loads libtorch and does nothing with it.</summary>
    Nothing,

    /// <summary>The library's training steps, from pixels.</summary>
    OurSteps,

    /// <summary>The literal network's training steps, from pixels.</summary>
    LiteralSteps,

    /// <summary>The library's training steps, from the image cache, augmented.</summary>
    OurStepsFromCache,

    /// <summary>The literal network's training steps, from the image cache, augmented.</summary>
    LiteralStepsFromCache,

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

    /// <summary>Steps before those that are measured: the first ones compile code and are given their memory.</summary>
    public int WarmUps { get; init; }
}

/// <param name="Measured">What the rounds took.</param>
/// <param name="PeakBytes">The most physical memory that the process had.</param>
internal sealed record ChildResult(RoundTimes Measured, long PeakBytes);

/// <summary>The times of the rounds.</summary>
/// <param name="Seconds">The time of each.</param>
/// <param name="UserSeconds">The processor time that the process itself took in all of them.</param>
/// <param name="SystemSeconds">The processor time that the operating system took for it.</param>
internal sealed record RoundTimes(IReadOnlyList<double> Seconds, double UserSeconds, double SystemSeconds)
{
    public static RoundTimes None { get; } = new([], 0, 0);

    public static RoundTimes Of(int rounds, int warmUps, Action round)
    {
        for (int i = 0; i < warmUps; i++)
            round();
        Environment.ProcessCpuUsage start = Environment.CpuUsage;
        double[] seconds = [.. Enumerable.Range(0, rounds).Select(_ => Clock.Seconds(round))];
        Environment.ProcessCpuUsage end = Environment.CpuUsage;
        return new RoundTimes(seconds, (end.UserTime - start.UserTime).TotalSeconds, (end.PrivilegedTime - start.PrivilegedTime).TotalSeconds);
    }
}
