using System.Xml.Linq;

namespace Derm7pt.MLNet.Reporting.Html;

/// <summary>Represents a sortable table, with a button in every header and the exact value of every number.</summary>
internal sealed class DataTable(string caption)
{
    private readonly List<XElement> _headers = [];
    private readonly List<XElement> _rows = [];

    /// <summary>Adds a column.</summary>
    /// <param name="title">Its header.</param>
    /// <param name="isNumber">Whether it holds numbers.</param>
    /// <param name="hint">The meaning of the column, if the title does not explain it.</param>
    public DataTable Column(string title, bool isNumber = true, string? hint = null)
    {
        _headers.Add(Tag.Of(
            "th", ("scope", "col"), ("class", isNumber ? "n" : null), ("aria-sort", "none"),
            Tag.Of("button", ("type", "button"), ("class", "sort"), ("title", hint), title)));
        return this;
    }

    /// <summary>Adds a row, whose first cell is its header.</summary>
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

    /// <summary>Creates a cell of text with small print below it.</summary>
    public static XElement Cell(string text, string? small = null) =>
        Tag.Of("td", ("data-value", text), text, small is null ? null : Tag.Of("small", small));

    /// <summary>Creates a cell with a number and lines of small print below it.</summary>
    public static XElement Number(double value, bool isBest = false, params IEnumerable<string> small) => Tag.Of(
        "td",
        ("class", isBest ? "n best" : "n"),
        ("data-value", Format.Exact(value)),
        Format.Measure(value),
        small.Select(line => Tag.Of("small", line)));

    public static XElement Count(int value) => Tag.Of("td", ("class", "n"), ("data-value", Format.Exact(value)), Format.Count(value));

    /// <summary>Makes wide content scrollable, also with the keyboard, so that the page does not scroll horizontally.</summary>
    public static XElement Scrolling(string label, XElement wide) =>
        Tag.Of("div", ("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", label), wide);
}
