using Derm7pt.MLNet.Benchmarks.Children;
using Derm7pt.MLNet.Benchmarks.Harness;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>Measures the share of user time in the processor time of training; the rest is spent by the operating system.</summary>
internal static class SystemTimeCase
{
    // The literal network's steps take many times as long, and one share is like another.
    private const int Steps = 6, LiteralSteps = 1, Rounds = 1;

    public static void Measure(BenchmarkContext context)
    {
        if (!context.IsCpu)
        {
            context.Skip("the processor time of the process is measured, not that of the device");
            return;
        }

        Measure(context, width: 1, context.Settings.Batch);
        Measure(context, context.Settings.WideWidth, context.Settings.WideBatch);
    }

    private static void Measure(BenchmarkContext context, int width, int batch)
    {
        BenchmarkSettings settings = context.Settings;
        PairedValues shares = context.Compare(
            () => UserPercent(ChildWork.OurStepsFromCache, Steps), () => UserPercent(ChildWork.LiteralStepsFromCache, LiteralSteps),
            Rounds, warmUps: 0);
        context.Add(Row.Of(
            Invariant($"user time of training's processor time, width {width}, batch {batch}, {settings.Extent} px"), "%", "literal, grid_sample",
            shares, RatioKind.OursToBaseline));

        double UserPercent(ChildWork work, int steps)
        {
            RoundTimes times = ChildProcess.Run(
                new ChildTask(work, batch, width, settings.Extent, steps, settings.Device) { WarmUps = (steps + 1) / 2 }).Measured;
            context.Tell(Invariant($"{work}: {times.UserSeconds:0.00} s user, {times.SystemSeconds:0.00} s system"));
            return 100 * times.UserSeconds / (times.UserSeconds + times.SystemSeconds);
        }
    }
}
