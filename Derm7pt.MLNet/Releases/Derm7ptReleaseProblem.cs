using System.Text;

namespace Derm7pt.MLNet;

/// <summary>Something in a Derm7pt release that is not as it should be, and where.</summary>
/// <param name="File">The file, relative to the release's folder, or <c>.</c> for the folder itself.</param>
/// <param name="Line">The line, counted from 1 as an editor does, or <see langword="null"/> where the whole file is meant.</param>
/// <param name="Column">The column's name in the header, or <see langword="null"/> where no one column is meant.</param>
/// <param name="Value">The value found, or <see langword="null"/> where there is none to show.</param>
/// <param name="Message">What is wrong, for example <c>unknown label value</c>.</param>
/// <param name="Expected">What was expected in its place.</param>
public sealed record Derm7ptReleaseProblem(string File, int? Line, string? Column, string? Value, string Message, string Expected)
{
    private const int LongestValue = 80;

    /// <summary>The problem in one line: file, line, column, value and what was expected.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(File);
        if (Line is not null)
            text.Append(", line ").Append(Line);
        if (Column is not null)
            text.Append(", column '").Append(Column).Append('\'');
        text.Append(": ").Append(Message);
        if (Value is not null)
            text.Append(" '").Append(Value.Length > LongestValue ? Value[..LongestValue] + "…" : Value).Append('\'');
        return text.Append("; expected ").Append(Expected).Append('.').ToString();
    }
}
