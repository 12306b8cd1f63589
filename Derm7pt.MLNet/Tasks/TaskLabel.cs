namespace Derm7pt.MLNet;

/// <summary>One label (class) of a task.</summary>
/// <param name="Name">What the label is called in predictions and as a key value, for example <c>atypical</c>.</param>
/// <param name="Code">Its short code, unique within the task, for example <c>ATP</c>.</param>
/// <param name="Score">Its contribution to the seven-point score; 0 for labels of a diagnosis.</param>
/// <param name="IsMelanoma">Whether the label means melanoma; only labels of a diagnosis do.</param>
/// <param name="RawValues">The raw values that are grouped under this label in the release's tables.</param>
public sealed record TaskLabel(string Name, string Code, int Score, bool IsMelanoma, IReadOnlyList<string> RawValues)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Code})";
}
