using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Derm7pt.MLNet.Benchmarks.Harness;

/// <summary>Shows results on a console.</summary>
internal static class ResultTables
{
    private const int BarWidth = 30;

    public static void Write(IAnsiConsole console, Results results)
    {
        console.WriteLine();
        MachineInfo machine = results.Machine;
        console.WriteLine(
            $"{machine.Processor}, {machine.Cores} cores ({machine.Simd}), {Number(machine.MemoryGigabytes)} GB; {machine.Os}; {machine.DotNet}; " +
            $"libtorch {machine.Libtorch}, ONNX Runtime {machine.OnnxRuntime}; SGEMM {Number(machine.SgemmGigaflops.Median)} GFLOP/s");
        if (results.Rows.Count > 0)
            console.Write(Comparisons(results.Rows));
        if (results.Growth.Count > 0)
            console.Write(Growth(results.Growth));
        foreach (Breakdown breakdown in results.Profile)
            console.Write(Parts(breakdown));
        foreach (Remark remark in results.NotMeasured)
            console.MarkupLineInterpolated($"[yellow]{remark.Section}: not measured: {remark.Reason}[/]");
        foreach (Remark remark in results.Failures)
            console.MarkupLineInterpolated($"[red]{remark.Section}: failed: {remark.Reason}[/]");
    }

    private static Table Comparisons(IEnumerable<Row> rows)
    {
        Table table = New("Median (least to most) of interleaved rounds", "", "library", "baseline", "ratio", "target", "", "differ by");
        foreach (Row row in rows)
        {
            table.AddRow(
                new Text($"{row.Name}, {row.Unit}"),
                Figure(Show(row.Ours)),
                Figure($"{row.BaselineName}\n{Show(row.Baseline)}"),
                Figure(Number(row.Ratio) + (row.RatioIs == RatioKind.BaselineToOurs ? " × as fast" : " of it")),
                Figure(row.Target?.ToString() ?? ""),
                Met(row.Met),
                Figure(Difference(row)));
        }

        return table;
    }

    private static string Difference(Row row) => (row.LargestDifference, row.AllowedDifference) switch
    {
        (null, _) => "",
        ({ } largest, null) => Power(largest),
        ({ } largest, { } allowed) => $"{Power(largest)}\nmay be {Power(allowed)}",
    };

    private static string Power(double value) => value.ToString("0.#E+0", CultureInfo.InvariantCulture);

    private static Table Growth(IReadOnlyList<GrowthCurve> curves)
    {
        Table table = New("Growth; slopes are of logarithms, and 1 is linear", "", "measured at each size", "slope", "against the work");
        foreach (GrowthCurve curve in curves)
        {
            table.AddRow(
                new Text($"{curve.Quantity}, {curve.Unit}, against {curve.Size}"),
                Figure(string.Join("\n", curve.Points.Select(point => $"{point.Label}: {Number(point.Value.Median)}"))),
                Figure(Slope(curve.Slope)),
                Figure(Slope(curve.WorkSlope)));
        }

        return table;
    }

    private static Table Parts(Breakdown breakdown)
    {
        double sum = breakdown.Parts.Sum(part => part.Milliseconds);
        Table table = New($"{breakdown.Name}: {Number(sum)} ms", "", "ms", "GFLOP/s", "%", "");
        foreach (BreakdownPart part in breakdown.Parts)
        {
            double share = part.Milliseconds / sum;
            table.AddRow(
                new Text(part.Name), Figure(Number(part.Milliseconds)), Figure(part.GigaflopsPerSecond is { } rate ? Number(rate) : ""),
                Figure(Number(100 * share)),
                new Text(new string('█', (int)Math.Round(BarWidth * share)), Color.Blue));
        }

        return table;
    }

    private static Table New(string title, params string[] columns)
    {
        Table table = new Table().Title(title).RoundedBorder();
        foreach (string column in columns)
            table.AddColumn(column);
        return table;
    }

    private static IRenderable Met(bool? met) => met switch
    {
        true => new Text("met", Color.Green),
        false => new Text("missed", Color.Red),
        null => Text.Empty,
    };

    private static Text Figure(string text) => new Text(text).RightJustified();

    private static string Show(Spread spread) => $"{Number(spread.Median)} ({Number(spread.Minimum)} to {Number(spread.Maximum)})";

    private static string Slope(double slope) => slope.ToString("0.00", CultureInfo.InvariantCulture);

    // Three digits correspond to the precision of such a measurement.
    private static string Number(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("G3", CultureInfo.InvariantCulture),
    };
}
