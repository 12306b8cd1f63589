using System.Diagnostics;

namespace Derm7pt.MLNet.Benchmarks.Harness;

/// <summary>Times what a call takes.</summary>
internal static class Clock
{
    public static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
