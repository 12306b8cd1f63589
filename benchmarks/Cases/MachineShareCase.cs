using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Networks;
using Microsoft.ML;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>Compares the arithmetic rate of scoring with that of the machine's matrix product.</summary>
internal static class MachineShareCase
{
    private const double ShareTarget = 0.5;

    private const int Products = 3;

    public static void Measure(BenchmarkContext context)
    {
        (int count, int extent) = (context.Settings.ScoredImages, context.Settings.Extent);
        NetworkSpec shape = Shapes.OfWidth(1);
        double perImage = NetworkWork.GigaflopsPerImage(shape, extent);
        IDataView pixels = DrawnPixels.View(count, extent);
        using Derm7ptMultiTaskTransformer model = ScoringModel.Create(shape, extent, pixels.Schema, ColumnNames.Pixels);
        IDataView scored = model.Transform(pixels);

        PairedValues rates = context.Compare(
            () => count * perImage / Clock.Seconds(() => Drain.All(scored, ScoringModel.Columns)),
            () => Spread.Of([.. Sgemm.Rounds(context.Settings.MatrixExtent, Products)]).Median);
        context.Add(Row.Of(
            Invariant($"arithmetic of scoring ({perImage:0.000} GFLOP an image)"), "GFLOP/s", "SGEMM", rates,
            RatioKind.OursToBaseline) with
        {
            Target = context.Goal(Target.AtLeast(ShareTarget)),
        });
    }
}
