using Derm7pt.MLNet.Benchmarks.Children;
using Derm7pt.MLNet.Benchmarks.Harness;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>Compares the peak memory of training with that of the literal network.</summary>
internal static class PeakMemoryCase
{
    private const double ShareTarget = 0.5;

    private const double Megabyte = 1e6;

    private const int Steps = 3;

    // A new process needs no warm-up, and its peak hardly varies.
    private const int MostRounds = 3;

    public static void Measure(BenchmarkContext context)
    {
        if (!context.IsCpu)
        {
            context.Skip("the memory of the process is measured, not that of the device");
            return;
        }

        BenchmarkSettings settings = context.Settings;
        double difference = Agreement.OfSteps(Shapes.OfWidth(1), settings.Batch, settings.Extent, context.Device);
        double bare = Peak(ChildWork.Nothing);
        PairedValues peaks = context.Compare(
            () => Peak(ChildWork.OurSteps), () => Peak(ChildWork.LiteralSteps), rounds: Math.Min(MostRounds, settings.Rounds), warmUps: 0);
        string size = $"batch {settings.Batch}, {settings.Extent} px";
        Row row = Row.Of($"peak memory of training, {size}", "MB", "literal network", peaks, RatioKind.OursToBaseline) with
        {
            Target = context.Goal(Target.AtMost(ShareTarget)),
            LargestDifference = difference,
        };
        context.Add(row);
        context.Add(row with
        {
            Name = Invariant($"the same without the {bare:0} MB of a bare process with libtorch"),
            Ours = Above(row.Ours),
            Baseline = Above(row.Baseline),
            Ratio = (row.Ours.Median - bare) / (row.Baseline.Median - bare),
        });

        double Peak(ChildWork work) => ChildProcess.Run(
            new ChildTask(work, settings.Batch, Width: 1, settings.Extent, Steps, settings.Device)).PeakBytes / Megabyte;

        Spread Above(Spread peak) => new(peak.Median - bare, peak.Minimum - bare, peak.Maximum - bare);
    }
}
