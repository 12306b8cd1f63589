using Derm7pt.MLNet.Benchmarks.Baselines;
using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Data;
using Derm7pt.MLNet.Scoring;
using Microsoft.ML;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>What the first epoch waits for: all images decoded into the cache.</summary>
internal static class ImageCacheCase
{
    private const double SpeedTarget = 1.8;

    public static void Measure(BenchmarkContext context)
    {
        IDataView cases = context.ReleaseCases;
        IDataView images = ReleaseImages.Resized(context).Fit(cases).Transform(cases);
        CheckSameBytes(images);
        PairedValues times = context.Compare(
            () => Clock.Seconds(() => Read(images).Dispose()),
            () => Clock.Seconds(() => OneThreadDecoder.Read(images, ColumnNames.Image)));
        context.Add(Row.Of(
            $"image cache of {cases.GetRowCount()} JPEG files", "s", "one thread", times, RatioKind.BaselineToOurs) with
        {
            Target = context.Goal(Target.AtLeast(SpeedTarget)),
            LargestDifference = 0,
        });
    }

    private static LabelledImages Read(IDataView images) => LabelledImages.Read(
        images, ColumnNames.Image, Taxonomy.Derm7pt, long.MaxValue, imageRead: null, CancellationToken.None);

    private static void CheckSameBytes(IDataView images)
    {
        using LabelledImages cache = Read(images);
        List<byte[]> baseline = OneThreadDecoder.Read(images, ColumnNames.Image);
        if (cache.Count != baseline.Count || !Enumerable.Range(0, cache.Count).All(i => cache[i].SequenceEqual(baseline[i])))
            throw new InvalidOperationException("The image cache does not hold the bytes that one thread decodes.");
    }
}
