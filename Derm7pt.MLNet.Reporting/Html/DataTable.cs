using System.Xml.Linq;

namespace Derm7pt.MLNet.Reporting.Html;

/// <summary>A table that readers can sort: a button in every header, and the exact value behind every number.</summary>
internal sealed class DataTable(string caption)
{
    private readonly List<XElement> _headers = [];
    private readonly List<XElement> _rows = [];

    /// <summary>Adds a column.</summary>
    /// <param name="title">Its header.</param>
    /// <param name="isNumber">Whether it holds numbers.</param>
    /// <param name="hint">What it means, where the title does not say it.</param>
    public DataTable Column(string title, bool isNumber = true, string? hint = null)
    {
        _headers.Add(Tag.Of(
            "th", ("scope", "col"), ("class", isNumber ? "n" : null), ("aria-sort", "none"),
            Tag.Of("button", ("type", "button"), ("class", "sort"), ("title", hint), title)));
        return this;
    }

    /// <summary>Adds a row; its first cell heads it.</summary>
    public DataTable Row(string? cssClass, params XElement[] cells)
    {
        cells[0].Name = "th";
        cells[0].SetAttributeValue("scope", "row");
        _rows.Add(Tag.Of("tr", ("class", cssClass), cells));
        return this;
    }

    public XElement ToElement() => Scrolling(caption, Tag.Of(
        "table",
        ("class", "data"),
        Tag.Of("caption", caption),
        Tag.Of("thead", Tag.Of("tr", _headers)),
        Tag.Of("tbody", _rows)));

    /// <summary>A cell of text; the small print stands below it.</summary>
    public static XElement Cell(string text, string? small = null) =>
        Tag.Of("td", ("data-value", text), text, small is null ? null : Tag.Of("small", small));

    /// <summary>A cell with a number; the small print stands below it, a line each.</summary>
    public static XElement Number(double value, bool isBest = false, params IEnumerable<string> small) => Tag.Of(
        "td",
        ("class", isBest ? "n best" : "n"),
        ("data-value", Format.Exact(value)),
        Format.Measure(value),
        small.Select(line => Tag.Of("small", line)));

    public static XElement Count(int value) => Tag.Of("td", ("class", "n"), ("data-value", Format.Exact(value)), Format.Count(value));

    /// <summary>Lets something wide scroll by itself, with the keyboard too, so that the page does not.</summary>
    public static XElement Scrolling(string label, XElement wide) =>
        Tag.Of("div", ("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", label), wide);
}
