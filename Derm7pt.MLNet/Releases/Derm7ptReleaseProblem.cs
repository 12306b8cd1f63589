using System.Text;

namespace Derm7pt.MLNet;

/// <summary>Represents a problem in a Derm7pt release and its position.</summary>
public sealed class Derm7ptReleaseProblem
{
    private const int LongestValue = 80;

    internal Derm7ptReleaseProblem(string file, int? line, string? column, string? value, string message, string expected) =>
        (File, Line, Column, Value, Message, Expected) = (file, line, column, value, message, expected);

    /// <summary>The file, relative to the release's folder, or <c>.</c> for the folder itself.</summary>
    public string File { get; }

    /// <summary>The line, counted from 1 as an editor does, or <see langword="null"/> if the whole file is meant.</summary>
    public int? Line { get; }

    /// <summary>The column's name in the header, or <see langword="null"/> if no one column is meant.</summary>
    public string? Column { get; }

    /// <summary>The value found, or <see langword="null"/> if there is none to show.</summary>
    public string? Value { get; }

    /// <summary>The description of the problem, for example <c>unknown label value</c>.</summary>
    public string Message { get; }

    /// <summary>The expected content.</summary>
    public string Expected { get; }

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
