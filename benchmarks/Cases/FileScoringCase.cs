using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Networks;
using Microsoft.ML;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>Compares scoring of JPEG files with decoding alone.</summary>
internal static class FileScoringCase
{
    private const double ShareTarget = 1.15;

    public static void Measure(BenchmarkContext context)
    {
        IDataView cases = context.ReleaseCases;
        IDataView images = ReleaseImages.Resized(context).Fit(cases).Transform(cases);
        IDataView reduced = ReleaseImages.Reduced(context).Fit(cases).Transform(cases);
        IDataView pixels = ReleaseImages.Extracted(context).Fit(cases).Transform(cases);
        NetworkSpec shape = Shapes.OfWidth(1);
        int extent = context.Settings.Extent;
        using Derm7ptMultiTaskTransformer model = ScoringModel.Create(shape, extent, images.Schema, ColumnNames.Image);
        using Derm7ptMultiTaskTransformer ofPixels = ScoringModel.Create(shape, extent, pixels.Schema, ColumnNames.Pixels);
        List<float[]> scores = Drain.Keep(ofPixels.Transform(pixels), ScoringModel.ScoreColumns);

        Compare("", images, Agreement.Tolerance, target: null);
        Compare(" loaded by LoadDerm7ptImages", reduced, Agreement.ReducedScoreTolerance, Target.AtMost(ShareTarget));

        void Compare(string loader, IDataView loaded, double tolerance, Target? target)
        {
            IDataView scored = model.Transform(loaded);
            double difference = Agreement.OfScores(Drain.Keep(scored, ScoringModel.ScoreColumns), scores, tolerance);
            PairedValues times = context.Compare(
                () => Clock.Seconds(() => Drain.All(scored, ScoringModel.Columns)),
                () => Clock.Seconds(() => Drain.All(pixels, [ColumnNames.Pixels])));
            context.Add(Row.Of(
                $"scoring {cases.GetRowCount()} JPEG files{loader}", "s", "decoding, no model", times, RatioKind.OursToBaseline) with
            {
                Target = context.Goal(target),
                LargestDifference = difference,
                AllowedDifference = tolerance,
            });
        }
    }
}
