using System.Xml.Linq;

namespace Derm7pt.MLNet.Reporting.Html;

/// <summary>Creates a figure with a title and, if it has several series, a legend that highlights one of them.</summary>
internal static class Figure
{
    public static XElement Of(string title, XElement drawing, params IEnumerable<LegendEntry> legend)
    {
        XElement[] entries = [.. legend.Select(entry => Tag.Of("li", Tag.Of(
            "button",
            ("type", "button"),
            ("data-series", entry.Color),
            ("aria-pressed", "false"),
            ("title", entry.Hint),
            Tag.Of("i", ("class", entry.IsDashed ? "dashed" : null), ("style", $"--c:var(--{entry.Color})"), ""),
            entry.Name)))];
        return Tag.Of(
            "figure",
            Tag.Of("figcaption", title),
            drawing,
            entries.Length == 0 ? null : Tag.Of("ul", ("class", "legend"), ("aria-label", "Legend: press to bring a line forward"), entries));
    }
}

/// <summary>Represents a line of a legend.</summary>
/// <param name="Name">The series.</param>
/// <param name="Color">Its color's name, as in the style sheet.</param>
/// <param name="IsDashed">Whether it is dashed.</param>
/// <param name="Hint">Additional information.</param>
internal sealed record LegendEntry(string Name, string Color, bool IsDashed = false, string? Hint = null);
