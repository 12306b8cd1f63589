using System.Globalization;
using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Benchmarks.Children;
using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Columns;
using Microsoft.ML;

namespace Derm7pt.MLNet.Benchmarks.Growth;

/// <summary>
/// Time and peak memory of an epoch of training and of scoring, against the number of cases, the width of the network and the
/// size of images. Each point is measured in a process of its own.
/// </summary>
internal static class GrowthCase
{
    private const double Megabyte = 1e6;

    private static readonly (ChildWork Work, string Name)[] Works = [(ChildWork.Training, "training"), (ChildWork.Scoring, "scoring")];

    public static void Measure(BenchmarkContext context)
    {
        GrowthSizes sizes = context.Settings.Growth;
        int extent = context.Settings.Extent;
        Axis[] axes =
        [
            new("cases", "cases", [.. sizes.Cases.Select(n => new Size(Text(n), n, n, 1, extent))]),
            new("width", "width multiplier", [.. sizes.Widths.Select(w => new Size(Text(w), w, sizes.BaseCases, w, extent))]),
            new("pixels", "pixels of an image", [.. sizes.Extents.Select(e => new Size($"{e}×{e}", e * e, sizes.BaseCases, 1, e))]),
        ];
        // The base is a size on every axis, and measured once.
        var measured = new Dictionary<ChildTask, ChildResult>();
        context.Output.Create();
        foreach (Axis axis in axes)
        {
            (List<GrowthCurve> times, List<GrowthCurve> peaks) = ([], []);
            foreach ((ChildWork work, string name) in Works)
            {
                ChildResult[] results = [.. axis.Sizes.Select(size => Run(work, axis, size))];
                times.Add(Curve(name, "s", axis, [.. results.Select(result => Spread.Of([.. result.Measured.Seconds]))]));
                peaks.Add(Curve($"{name}, peak memory", "MB", axis, [.. results.Select(result => Spread.Of([result.PeakBytes / Megabyte]))]));
            }

            context.Results.Growth.AddRange([.. times, .. peaks]);
            GrowthPlot.Write(context.Output, $"growth-{axis.Id}-time", axis.Name, "time, s", times);
            GrowthPlot.Write(context.Output, $"growth-{axis.Id}-memory", axis.Name, "peak memory, MB", peaks);
        }

        ChildResult Run(ChildWork work, Axis axis, Size size)
        {
            var task = new ChildTask(work, size.Cases, size.Width, size.Extent, sizes.Rounds, context.Settings.Device);
            if (measured.TryGetValue(task, out ChildResult? known))
                return known;
            ChildResult result = measured[task] = work == ChildWork.Scoring ? RunWithModel(task) : ChildProcess.Run(task);
            context.Tell($"{work}, {axis.Name} {size.Label}: {Spread.Of([.. result.Measured.Seconds]).Median:G3} s, {result.PeakBytes / Megabyte:0} MB");
            return result;
        }
    }

    private static ChildResult RunWithModel(ChildTask task)
    {
        string file = Path.GetTempFileName();
        try
        {
            DataViewSchema schema = DrawnPixels.View(1, task.Extent).Schema;
            using (Derm7ptMultiTaskTransformer model = ScoringModel.Create(Shapes.OfWidth(task.Width), task.Extent, schema, ColumnNames.Pixels))
                model.SaveAsOnnx(file);
            return ChildProcess.Run(task with { Model = file });
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static GrowthCurve Curve(string quantity, string unit, Axis axis, Spread[] values)
    {
        GrowthPoint[] points = [.. axis.Sizes.Zip(values, (size, value) => new GrowthPoint(size.Label, size.Value, size.Gigaflops, value))];
        double[] medians = [.. values.Select(value => value.Median)];
        return new GrowthCurve(
            quantity, unit, axis.Name, points,
            LogLogSlope([.. points.Select(point => point.Size)], medians), LogLogSlope([.. points.Select(point => point.Work)], medians));
    }

    /// <summary>The slope of the least-squares line through the logarithms: p where y grows as x^p.</summary>
    internal static double LogLogSlope(double[] x, double[] y)
    {
        double[] logX = Array.ConvertAll(x, Math.Log), logY = Array.ConvertAll(y, Math.Log);
        (double meanX, double meanY) = (logX.Average(), logY.Average());
        return logX.Zip(logY, (a, b) => (a - meanX) * (b - meanY)).Sum() / logX.Sum(a => (a - meanX) * (a - meanX));
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <param name="Id">For file names.</param>
    /// <param name="Name">For people.</param>
    /// <param name="Sizes">Where it is measured.</param>
    private sealed record Axis(string Id, string Name, IReadOnlyList<Size> Sizes);

    private sealed record Size(string Label, double Value, int Cases, int Width, int Extent)
    {
        public double Gigaflops => Cases * NetworkWork.GigaflopsPerImage(Shapes.OfWidth(Width), Extent);
    }
}
