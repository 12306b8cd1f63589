using Derm7pt.MLNet.Benchmarks.Baselines;
using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Columns;
using Microsoft.ML;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>Compares scoring of pixels in memory: the library's batches and ML.NET's row-by-row scoring.</summary>
internal static class ScoringCase
{
    private const double SpeedTarget = 3;

    public static void Measure(BenchmarkContext context)
    {
        (int count, int extent) = (context.Settings.ScoredImages, context.Settings.Extent);
        IDataView pixels = DrawnPixels.View(count, extent);
        using Derm7ptMultiTaskTransformer model = ScoringModel.Create(Shapes.OfWidth(1), extent, pixels.Schema, ColumnNames.Pixels);
        using var rowByRow = new RowByRowScoring(context.Ml, model, pixels);
        IDataView ours = model.Transform(pixels), baseline = rowByRow.Transform(pixels);

        double difference = Agreement.OfScores(
            Drain.Keep(ours, ScoringModel.ScoreColumns), Drain.Keep(baseline, ScoringModel.ScoreColumns));
        PairedValues times = context.Compare(
            () => Clock.Seconds(() => Drain.All(ours, ScoringModel.Columns)),
            () => Clock.Seconds(() => Drain.All(baseline, ScoringModel.Columns)));
        context.Add(Row.Of($"scoring {count} images from pixels, {extent} px", "s", "ApplyOnnxModel", times, RatioKind.BaselineToOurs) with
        {
            Target = context.Goal(Target.AtLeast(SpeedTarget)),
            LargestDifference = difference,
        });
    }
}
