using System.Diagnostics;

namespace Derm7pt.MLNet.Benchmarks.Harness;

/// <summary>Measures the duration of a call.</summary>
internal static class Clock
{
    public static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
