using Derm7pt.MLNet.Benchmarks.Baselines;
using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>Compares training steps with those of the literal network.</summary>
internal static class TrainingStepCases
{
    private const double FullTarget = 2.5, WideTarget = 1.5;

    public static void Measure(BenchmarkContext context) =>
        Measure(context, width: 1, context.Settings.Batch, Target.AtLeast(FullTarget));

    public static void MeasureWide(BenchmarkContext context) =>
        Measure(context, context.Settings.WideWidth, context.Settings.WideBatch, Target.AtLeast(WideTarget));

    private static void Measure(BenchmarkContext context, int width, int batch, Target target)
    {
        NetworkSpec shape = Shapes.OfWidth(width);
        int extent = context.Settings.Extent;
        double difference = Agreement.OfSteps(shape, batch, extent, context.Device);
        using var cases = new TrainingCases(shape, batch, extent, context.Device);
        using var ours = new OurTrainingStep(shape, cases);
        using var literal = new LiteralTrainingStep(ours.Network, cases);
        string size = $"width {width}, batch {batch}, {extent} px";

        PairedValues step = context.Compare(
            () => Clock.Seconds(() => ours.Run(cases.Pixels)), () => Clock.Seconds(() => literal.Run(cases.Pixels)));
        context.Add(Row.Of($"training step, {size}", "s", "literal network", step, RatioKind.BaselineToOurs) with
        {
            Target = context.Goal(target),
            LargestDifference = difference,
        });

        difference = Math.Max(difference, Agreement.OfBatches(ours, literal));
        int ourRound = 0, literalRound = 0;
        PairedValues full = context.Compare(
            () => Clock.Seconds(() => ours.Run(ourRound++)), () => Clock.Seconds(() => literal.Run(literalRound++)));
        context.Add(Row.Of("the same from the image cache, augmented", "s", "literal, grid_sample", full, RatioKind.BaselineToOurs) with
        {
            LargestDifference = difference,
        });
    }
}
