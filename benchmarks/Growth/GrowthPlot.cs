using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Benchmarks.Harness;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Derm7pt.MLNet.Benchmarks.Growth;

/// <summary>Curves over logarithmic axes as an SVG file that follows the reader's light or dark mode.</summary>
internal static partial class GrowthPlot
{
    private const int Text = 0, Line = 1, Grid = 2, FirstSeries = 3;

    private const double Width = 560, Height = 340;

    // The colors of OxyPlot's model are only placeholders for these.
    private const string Style =
        "svg{--page:#fff;--c0:#515c69;--c1:#8a95a2;--c2:#e6eaef;--c3:#0066b3;--c4:#c94f00;font-family:system-ui,sans-serif}" +
        "@media (prefers-color-scheme: dark){svg{--page:#171b22;--c0:#a3aebb;--c1:#6c7886;--c2:#262d37;--c3:#5fb0f2;--c4:#ff9a52}}";

    private static readonly double[] Digits = [1, 2, 5];

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <param name="folder">Where to write.</param>
    /// <param name="name">The file's name, without its ending.</param>
    /// <param name="horizontal">What the sizes are.</param>
    /// <param name="vertical">What was measured, with its unit.</param>
    /// <param name="curves">At most two.</param>
    public static void Write(DirectoryInfo folder, string name, string horizontal, string vertical, IReadOnlyList<GrowthCurve> curves)
    {
        var model = new PlotModel
        {
            Background = OxyColors.Undefined,
            PlotAreaBorderThickness = new OxyThickness(0),
            TextColor = Color(Text),
            DefaultFontSize = 12,
            Padding = new OxyThickness(4, 10, 20, 4),
            Subtitle = "dashed: if it grew as the arithmetic does",
            SubtitleColor = Color(Text),
        };
        model.Axes.Add(Axis(AxisPosition.Bottom, horizontal, [.. curves[0].Points.Select(point => (point.Size, point.Label))]));
        model.Axes.Add(Axis(AxisPosition.Left, vertical, [.. Ticks(curves)]));
        for (int i = 0; i < curves.Count; i++)
        {
            model.Series.Add(Measured(curves[i], Color(FirstSeries + i)));
            model.Series.Add(Proportional(curves[i], Color(FirstSeries + i)));
        }

        string title = string.Join("; ", curves.Select(curve =>
            string.Create(CultureInfo.InvariantCulture, $"{curve.Quantity} against {curve.Size}: slope {curve.Slope:0.00}, against the work {curve.WorkSlope:0.00}")));
        XElement svg = Restyle(new SvgExporter { Width = Width, Height = Height, IsDocument = false }.ExportToString(model), title);
        AtomicFile.Write(Path.Combine(folder.FullName, $"{name}.svg"), System.Text.Encoding.UTF8.GetBytes(svg.ToString()));
    }

    private static LineSeries Measured(GrowthCurve curve, OxyColor color)
    {
        var series = new LineSeries
        {
            Title = curve.Quantity.Split(',')[0],
            LineLegendPosition = LineLegendPosition.End,
            TextColor = color,
            Color = color,
            StrokeThickness = 1.8,
            MarkerType = MarkerType.Circle,
            MarkerSize = 3.5,
            MarkerFill = color,
        };
        series.Points.AddRange(curve.Points.Select(point => new DataPoint(point.Size, point.Value.Median)));
        return series;
    }

    /// <summary>Gets the curve of growth in proportion to the work, from the first point on.</summary>
    private static LineSeries Proportional(GrowthCurve curve, OxyColor color)
    {
        var series = new LineSeries
        {
            Color = color,
            StrokeThickness = 1,
            LineStyle = LineStyle.Dash,
        };
        series.Points.AddRange(curve.Points.Zip(IfProportional(curve), (point, value) => new DataPoint(point.Size, value)));
        return series;
    }

    private static IEnumerable<double> IfProportional(GrowthCurve curve) =>
        curve.Points.Select(point => curve.Points[0].Value.Median * point.Work / curve.Points[0].Work);

    private static LabelledAxis Axis(AxisPosition position, string title, IReadOnlyList<(double Value, string Label)> ticks) => new(ticks)
    {
        Position = position,
        Title = title,
        Minimum = ticks[0].Value / 1.1,
        // Room for the curves' names at their ends, which are cut off where the plot ends.
        Maximum = ticks[^1].Value * (position == AxisPosition.Bottom ? Math.Pow(ticks[^1].Value / ticks[0].Value, 0.2) : 1.1),
        MajorGridlineStyle = LineStyle.Solid,
        MajorGridlineColor = Color(Grid),
        MajorTickSize = 4,
        MinorTickSize = 0,
        TicklineColor = Color(Line),
        AxislineColor = Color(Line),
        AxislineStyle = LineStyle.Solid,
        TitleColor = Color(Text),
        // SVG text comes out wider than it is measured.
        AxisTitleDistance = position == AxisPosition.Left ? 20 : 6,
    };

    /// <summary>1, 2, 5, 10, … from below what is shown to above it.</summary>
    private static IEnumerable<(double Value, string Label)> Ticks(IReadOnlyList<GrowthCurve> curves)
    {
        double[] shown = [.. curves.SelectMany(curve => curve.Points.Select(point => point.Value.Median).Concat(IfProportional(curve)))];
        double[] all = [.. Enumerable.Range(-6, 14).SelectMany(power => Digits.Select(digit => digit * Math.Pow(10, power)))];
        int first = Array.FindLastIndex(all, value => value <= shown.Min()), last = Array.FindIndex(all, value => value >= shown.Max());
        return all[first..(last + 1)].Select(value => (value, value.ToString("0.######", CultureInfo.InvariantCulture)));
    }

    private static XElement Restyle(string text, string title)
    {
        XElement svg = XDocument.Parse(text).Root!;
        svg.SetAttributeValue("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {Width} {Height}"));
        foreach (XElement element in svg.Descendants().ToArray())
        {
            if (element.Attribute("style") is { } style)
                style.Value = Placeholder.Replace(style.Value, "var(--c$1)");
            // Only style takes variables.
            if (element.Attribute("fill") is { } fill && Placeholder.IsMatch(fill.Value))
            {
                element.SetAttributeValue("style", "fill:" + Placeholder.Replace(fill.Value, "var(--c$1)"));
                fill.Remove();
            }

            element.Attribute("font-family")?.Remove();
        }

        svg.AddFirst(
            new XElement(Svg + "title", title),
            new XElement(Svg + "style", Style),
            new XElement(Svg + "rect", new XAttribute("width", "100%"), new XAttribute("height", "100%"), new XAttribute("style", "fill:var(--page)")));
        return svg;
    }

    // These colors are unique, so that they can be replaced in the SVG.
    private static OxyColor Color(int index) => OxyColor.FromRgb(1, 0, (byte)index);

    [GeneratedRegex(@"rgb\(1,0,(\d+)\)")]
    private static partial Regex Placeholder { get; }

    /// <summary>A logarithmic axis with ticks at given positions; OxyPlot's own has few of them between two powers of ten.</summary>
    private sealed class LabelledAxis(IReadOnlyList<(double Value, string Label)> ticks) : LogarithmicAxis
    {
        public override void GetTickValues(out IList<double> majorLabelValues, out IList<double> majorTickValues, out IList<double> minorTickValues)
        {
            majorLabelValues = majorTickValues = [.. ticks.Select(tick => tick.Value)];
            minorTickValues = [];
        }

        protected override string FormatValueOverride(double x) => ticks.MinBy(tick => Math.Abs(tick.Value - x)).Label;
    }
}
