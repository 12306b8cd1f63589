using System.Globalization;
using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet.Reporting.Html;

/// <summary>Formats numbers with the invariant culture.</summary>
internal static class Format
{
    public const string NotDefined = "–";

    /// <summary>Formats a number with three decimals.</summary>
    public static string Measure(double value) => double.IsFinite(value) ? Write($"{value:F3}") : NotDefined;

    public static string Interval(ConfidenceInterval? interval) =>
        interval is { } known && double.IsFinite(known.Lower) ? $"{Measure(known.Lower)} to {Measure(known.Upper)}" : "";

    /// <summary>Formats a fraction as whole percent.</summary>
    public static string Percent(double fraction) => double.IsFinite(fraction) ? Write($"{100 * fraction:F0}\u00a0%") : NotDefined;

    public static string Count(long value) => Write($"{value:N0}");

    /// <summary>Formats a number with all digits.</summary>
    public static string Exact(double value) => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "";

    /// <summary>Formats a number for style and SVG attributes.</summary>
    public static string Short(double value) => Write($"{value:0.###}");

    public static string Write(FormattableString text) => Invariant(text);
}
