using System.Globalization;

namespace Derm7pt.MLNet.Base;

/// <summary>Formats tables as plain text for consoles and logs, with the invariant culture.</summary>
internal static class TextTable
{
    private const string Gap = "  ";

    /// <summary>Aligns the first column to the left and all others to the right. The last line has no line break.</summary>
    /// <param name="rows">The cells, row by row; all rows have the same number of cells.</param>
    public static string Align(IReadOnlyList<string[]> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        return string.Join('\n', rows.Select(row => string.Join(Gap, row.Select((cell, column) =>
            column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd()));
    }

    /// <summary>Formats a measure with three decimals; <c>-</c> if it is not defined.</summary>
    public static string Measure(double value) => double.IsNaN(value) ? "-" : value.ToString("F3", CultureInfo.InvariantCulture);

    /// <summary>Formats an integer.</summary>
    public static string Count(int value) => value.ToString(CultureInfo.InvariantCulture);
}
