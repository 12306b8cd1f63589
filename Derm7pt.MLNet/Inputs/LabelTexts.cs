using Microsoft.ML;

namespace Derm7pt.MLNet.Inputs;

/// <summary>The texts that stand for a task's labels: their names, and the raw values that are grouped under them.</summary>
/// <remarks>Letter case and white space around a text do not matter. Immutable, so any number of threads may use one.</remarks>
internal sealed class LabelTexts
{
    private readonly Dictionary<string, uint>.AlternateLookup<ReadOnlySpan<char>> _keys;

    public LabelTexts(ClassificationTask task)
    {
        Task = task;
        var keys = new Dictionary<string, uint>(StringComparer.OrdinalIgnoreCase);
        // Names come first: where another label has a label's name as a raw value, the name is meant.
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

    /// <summary>All texts that stand for a label.</summary>
    public IReadOnlyList<string> Accepted { get; }

    /// <summary>The one-based key of a text; 0, which is a missing key, for a text that stands for no label.</summary>
    public uint KeyOf(ReadOnlyMemory<char> text) => _keys.TryGetValue(text.Span.Trim(), out uint key) ? key : 0;
}

/// <summary>A text column whose texts stand for a task's labels.</summary>
internal sealed record LabelTextColumn(DataViewSchema.Column Column, LabelTexts Texts)
{
    /// <summary>Whether the key column takes the place of the text column, rather than being added.</summary>
    public bool IsReplaced => Column.Name == Texts.Task.Name;
}
