using Derm7pt.MLNet.Benchmarks.Baselines;
using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Inputs;
using Microsoft.ML;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>Measures the decoding of all images into the cache, which precedes the first epoch.</summary>
internal static class ImageCacheCase
{
    private const double SpeedTarget = 1.8;

    public static void Measure(BenchmarkContext context)
    {
        IDataView cases = context.ReleaseCases;
        IDataView images = ReleaseImages.Resized(context).Fit(cases).Transform(cases);
        IDataView reduced = ReleaseImages.Reduced(context).Fit(cases).Transform(cases);
        CheckSameBytes(images);
        Compare("", images, difference: 0, tolerance: 0, target: null);
        Compare(
            " loaded by LoadDerm7ptImages", reduced, CheckNearBytes(reduced, images), Agreement.ReducedPixelTolerance,
            Target.AtLeast(SpeedTarget));

        void Compare(string loader, IDataView loaded, double difference, double tolerance, Target? target)
        {
            PairedValues times = context.Compare(
                () => Clock.Seconds(() => Read(loaded).Dispose()),
                () => Clock.Seconds(() => OneThreadDecoder.Read(images, ColumnNames.Image)));
            context.Add(Row.Of(
                $"image cache of {cases.GetRowCount()} JPEG files{loader}", "s", "one thread", times, RatioKind.BaselineToOurs) with
            {
                Target = context.Goal(target),
                LargestDifference = difference,
                AllowedDifference = tolerance,
            });
        }
    }

    private static LabelledImages Read(IDataView images) => LabelledImages.Read(
        images, ColumnNames.Image, Taxonomy.Derm7pt, DataRoles.Training, long.MaxValue, imageRead: null, CancellationToken.None);

    private static void CheckSameBytes(IDataView images)
    {
        using LabelledImages cache = Read(images);
        List<byte[]> baseline = OneThreadDecoder.Read(images, ColumnNames.Image);
        if (cache.Count != baseline.Count || !Enumerable.Range(0, cache.Count).All(i => cache[i].SequenceEqual(baseline[i])))
            throw new InvalidOperationException("The image cache does not hold the bytes that one thread decodes.");
    }

    private static double CheckNearBytes(IDataView reduced, IDataView images)
    {
        using LabelledImages cache = Read(reduced);
        return Agreement.OfReducedImages(
            Enumerable.Range(0, cache.Count).Select(i => cache[i].ToArray()), OneThreadDecoder.Read(images, ColumnNames.Image));
    }
}
