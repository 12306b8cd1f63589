using Microsoft.ML;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Represents the texts that match a task's labels: the names of the labels, and the raw values grouped under them.</summary>
/// <remarks>Letter case and surrounding white space are ignored. The object is immutable, so that several threads can use it concurrently.</remarks>
internal sealed class LabelTexts
{
    private readonly Dictionary<string, uint>.AlternateLookup<ReadOnlySpan<char>> _keys;

    public LabelTexts(ClassificationTask task)
    {
        Task = task;
        var keys = new Dictionary<string, uint>(StringComparer.OrdinalIgnoreCase);
        // Names are added first, because a name takes precedence over an equal raw value of another label.
        for (int label = 0; label < task.Labels.Count; label++)
            keys.TryAdd(task.Labels[label].Name.Trim(), (uint)label + 1);
        for (int label = 0; label < task.Labels.Count; label++)
        {
            foreach (string raw in task.Labels[label].RawValues)
                keys.TryAdd(raw.Trim(), (uint)label + 1);
        }

        Accepted = [.. keys.Keys];
        _keys = keys.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public ClassificationTask Task { get; }

    /// <summary>All texts that match a label.</summary>
    public IReadOnlyList<string> Accepted { get; }

    /// <summary>Gets the one-based key of a text; 0, which is a missing key, if the text matches no label.</summary>
    public uint KeyOf(ReadOnlyMemory<char> text) => _keys.TryGetValue(text.Span.Trim(), out uint key) ? key : 0;
}

/// <summary>Represents a text column of a task's labels.</summary>
internal sealed record LabelTextColumn(DataViewSchema.Column Column, LabelTexts Texts)
{
    /// <summary>Whether the key column replaces the text column instead of being added.</summary>
    public bool IsReplaced => Column.Name == Texts.Task.Name;
}
