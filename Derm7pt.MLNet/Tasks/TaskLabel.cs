namespace Derm7pt.MLNet;

/// <summary>One label (class) of a task.</summary>
public sealed class TaskLabel
{
    internal TaskLabel(string name, string code, int score, bool isMelanoma, IReadOnlyList<string> rawValues) =>
        (Name, Code, Score, IsMelanoma, RawValues) = (name, code, score, isMelanoma, rawValues);

    /// <summary>The name of the label in predictions and as a key value, for example <c>atypical</c>.</summary>
    public string Name { get; }

    /// <summary>Its short code, unique within the task, for example <c>ATP</c>.</summary>
    public string Code { get; }

    /// <summary>Its contribution to the seven-point score; 0 for labels of a diagnosis.</summary>
    public int Score { get; }

    /// <summary>Whether the label means melanoma; only labels of a diagnosis do.</summary>
    public bool IsMelanoma { get; }

    /// <summary>The raw values that are grouped under this label in the release's tables.</summary>
    internal IReadOnlyList<string> RawValues { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Code})";
}
