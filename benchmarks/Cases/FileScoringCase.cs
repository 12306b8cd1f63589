using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Network;
using Derm7pt.MLNet.Scoring;
using Microsoft.ML;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>From JPEG files to predictions, beside decoding alone: what the network adds to reading the images.</summary>
internal static class FileScoringCase
{
    private const double ShareTarget = 1.15;

    public static void Measure(BenchmarkContext context)
    {
        IDataView cases = context.ReleaseCases;
        IDataView images = ReleaseImages.Resized(context).Fit(cases).Transform(cases);
        IDataView pixels = ReleaseImages.Extracted(context).Fit(cases).Transform(cases);
        NetworkShape shape = Shapes.OfWidth(1);
        int extent = context.Settings.Extent;
        using Derm7ptMultiTaskTransformer model = ScoringModel.Create(shape, extent, images.Schema, ColumnNames.Image);
        using Derm7ptMultiTaskTransformer ofPixels = ScoringModel.Create(shape, extent, pixels.Schema, ColumnNames.Pixels);
        IDataView scored = model.Transform(images);

        double difference = Agreement.OfScores(
            Drain.Keep(scored, ScoringModel.ScoreColumns), Drain.Keep(ofPixels.Transform(pixels), ScoringModel.ScoreColumns));
        PairedValues times = context.Compare(
            () => Clock.Seconds(() => Drain.All(scored, ScoringModel.Columns)),
            () => Clock.Seconds(() => Drain.All(pixels, [ColumnNames.Pixels])));
        context.Add(Row.Of(
            $"scoring {cases.GetRowCount()} JPEG files", "s", "decoding, no model", times, RatioKind.OursToBaseline) with
        {
            Target = context.Goal(Target.AtMost(ShareTarget)),
            LargestDifference = difference,
        });
    }
}
