using System.Xml.Linq;

namespace Derm7pt.MLNet.Reporting.Html;

/// <summary>Creates a table of colored cells from a matrix, with the values as text.</summary>
internal static class HeatTable
{
    /// <param name="caption">The caption.</param>
    /// <param name="corner">The description of rows and columns.</param>
    /// <param name="rows">The rows' short and long names.</param>
    /// <param name="columns">The columns' short and long names.</param>
    /// <param name="cell">Creates the content of a cell.</param>
    public static XElement Of(
        string caption,
        string corner,
        IReadOnlyList<(string Code, string Title)> rows,
        IReadOnlyList<(string Code, string Title)> columns,
        Func<int, int, HeatCell> cell) => Tag.Of(
        "table",
        ("class", "heat"),
        Tag.Of("caption", caption),
        Tag.Of("thead", Tag.Of(
            "tr",
            Tag.Of("td", ("class", "corner"), corner),
            columns.Select(column => Header("col", column)))),
        Tag.Of("tbody", rows.Select((row, i) => Tag.Of(
            "tr", Header("row", row), Enumerable.Range(0, columns.Count).Select(j => Cell(cell(i, j)))))));

    /// <summary>Gets the class for the brightness of a cell, which determines the color of its text.</summary>
    public static string Tone(double heat) => heat >= 0.66 ? "hot" : heat >= 0.55 ? "warm" : "cool";

    private static XElement Header(string scope, (string Code, string Title) name) =>
        Tag.Of("th", ("scope", scope), Tag.Of("abbr", ("title", name.Title), name.Code));

    private static XElement Cell(HeatCell cell) => Tag.Of(
        "td",
        ("class", cell.IsOwn ? "own" : Tone(cell.Heat)),
        ("style", cell.IsOwn ? null : $"--v:{Format.Short(cell.Heat)}"),
        ("title", cell.Hint),
        cell.Text);
}

/// <summary>Represents a cell of a heat map.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Heat">The intensity of its color, in [0, 1].</param>
/// <param name="Hint">The description of its value.</param>
/// <param name="IsOwn">Whether it is on a diagonal without information.</param>
internal sealed record HeatCell(string Text, double Heat, string? Hint = null, bool IsOwn = false);
