using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Derm7pt.MLNet.Reporting.Plots;

/// <summary>Represents a plot with two linear axes as SVG, whose colors are defined in the page's style sheet.</summary>
/// <param name="id">Unique on the page: what is defined inside is named after it.</param>
/// <param name="description">The text alternative for screen readers.</param>
/// <param name="size">Its size in pixels, before it is fitted to the page.</param>
internal sealed partial class Plot(string id, string description, (double Width, double Height) size)
{
    private const int Text = 0, AxisLine = 1, GridLine = 2, Reference = 3, FirstSeries = 16;

    private const double Edge = 0.03;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly PlotModel _model = new()
    {
        Background = OxyColors.Undefined,
        PlotAreaBorderThickness = new OxyThickness(0),
        // Numbers along the axes, like all others of the page.
        Culture = CultureInfo.InvariantCulture,
        TextColor = Color(Text),
        DefaultFontSize = 12,
        Padding = new OxyThickness(2, 6, 12, 2),
    };

    /// <summary>The number of colors for series in the style sheet.</summary>
    public const int SeriesColors = 8;

    /// <summary>The name of a series' color in the style sheet.</summary>
    public static string SeriesColor(int series) => Invariant($"s{series % SeriesColors}");

    public Plot Axes(string horizontal, string vertical, double? right = null, double? top = null, double left = 0, double? bottom = 0)
    {
        _model.Axes.Add(Axis(AxisPosition.Bottom, horizontal, left, right));
        _model.Axes.Add(Axis(AxisPosition.Left, vertical, bottom, top));
        return this;
    }

    public Plot Line(IEnumerable<(double X, double Y)> points, int series, double thickness = 1.8, bool dashed = false)
    {
        var line = new LineSeries
        {
            Color = Color(FirstSeries + (series % SeriesColors)),
            StrokeThickness = thickness,
            LineStyle = dashed ? LineStyle.Dash : LineStyle.Solid,
            LineJoin = LineJoin.Round,
        };
        line.Points.AddRange(Defined(points).Select(point => new DataPoint(point.X, point.Y)));
        _model.Series.Add(line);
        return this;
    }

    /// <summary>Adds dots, each with a radius.</summary>
    public Plot Dots(IEnumerable<(double X, double Y, double Radius)> points, int series)
    {
        var dots = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerFill = Color(FirstSeries + (series % SeriesColors)) };
        dots.Points.AddRange(points
            .Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y))
            .Select(point => new ScatterPoint(point.X, point.Y, point.Radius)));
        _model.Series.Add(dots);
        return this;
    }

    /// <summary>Adds the dashed line from (0, 0) to (1, 1).</summary>
    public Plot Diagonal()
    {
        _model.Annotations.Add(new LineAnnotation
        {
            Type = LineAnnotationType.LinearEquation,
            Slope = 1,
            Intercept = 0,
            Color = Color(Reference),
            LineStyle = LineStyle.Dash,
            Layer = AnnotationLayer.BelowSeries,
        });
        return this;
    }

    public Plot VerticalLine(double x)
    {
        _model.Annotations.Add(new LineAnnotation
        {
            Type = LineAnnotationType.Vertical,
            X = x,
            Color = Color(Reference),
            LineStyle = LineStyle.Dash,
            Layer = AnnotationLayer.BelowSeries,
        });
        return this;
    }

    public XElement ToSvg()
    {
        string text = new SvgExporter { Width = size.Width, Height = size.Height, IsDocument = false }.ExportToString(_model);
        XElement svg = XDocument.Parse(text).Root!;
        svg.ReplaceAttributes(
            new XAttribute("viewBox", Invariant($"0 0 {size.Width} {size.Height}")),
            new XAttribute("class", "plot"),
            new XAttribute("role", "img"),
            new XAttribute("aria-label", description));
        svg.Descendants().Where(element => element.Name == Svg + "g" && !element.HasElements).Remove();
        foreach (XElement element in svg.Descendants())
            Restyle(element);
        return svg;
    }

    /// <summary>Turns colors into those of the style sheet and makes names unique on the page.</summary>
    private void Restyle(XElement element)
    {
        foreach (XAttribute attribute in element.Attributes().ToArray())
        {
            switch (attribute.Name.LocalName)
            {
                case "id":
                    attribute.Value = $"{id}-{attribute.Value}";
                    break;
                case "clip-path":
                    attribute.Value = attribute.Value.Replace("url(#", $"url(#{id}-", StringComparison.Ordinal);
                    break;
                case "style":
                    attribute.Value = OwnColor.Replace(attribute.Value, Variable).TrimEnd(';');
                    break;
                case "fill" when OwnColor.IsMatch(attribute.Value):
                    // Variables are valid only in style attributes.
                    element.SetAttributeValue("style", "fill:" + OwnColor.Replace(attribute.Value, Variable));
                    attribute.Remove();
                    break;
                case "font-family" or "font-weight":
                    attribute.Remove();
                    break;
            }
        }
    }

    private static LinearAxis Axis(AxisPosition position, string title, double? minimum, double? maximum) => new()
    {
        Position = position,
        Title = title,
        // The range is slightly larger than the visible one, so that lines along the edge are not clipped.
        Minimum = (minimum, maximum) is (0, 1) ? -Edge : minimum ?? double.NaN,
        Maximum = maximum is 1 ? 1 + Edge : maximum ?? double.NaN,
        MinimumPadding = 0,
        MaximumPadding = 0.04,
        MajorGridlineStyle = LineStyle.Solid,
        MajorGridlineColor = Color(GridLine),
        MinorTickSize = 0,
        MajorTickSize = 4,
        TicklineColor = Color(AxisLine),
        AxislineColor = Color(AxisLine),
        AxislineStyle = LineStyle.Solid,
        TitleColor = Color(Text),
        // SVG text comes out wider than it is measured.
        AxisTitleDistance = position == AxisPosition.Left ? 20 : 6,
    };

    private static IEnumerable<(double X, double Y)> Defined(IEnumerable<(double X, double Y)> points) =>
        points.Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y));

    // These colors are used for no other purpose, so that they can be found in the SVG.
    private static OxyColor Color(int index) => OxyColor.FromRgb(1, 0, (byte)index);

    private static string Variable(Match color) => int.Parse(color.Groups[1].ValueSpan, CultureInfo.InvariantCulture) switch
    {
        Text => "var(--soft)",
        AxisLine => "var(--axis)",
        GridLine => "var(--grid)",
        Reference => "var(--reference)",
        int series => $"var(--{SeriesColor(series - FirstSeries)})",
    };

    [GeneratedRegex(@"rgb\(1,0,(\d+)\)")]
    private static partial Regex OwnColor { get; }
}
