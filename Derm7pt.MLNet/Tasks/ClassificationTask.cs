namespace Derm7pt.MLNet;

/// <summary>One classification task: a checklist criterion or the diagnosis.</summary>
public sealed class ClassificationTask
{
    private readonly Dictionary<string, int> _indexOfRawValue = new(StringComparer.OrdinalIgnoreCase);

    internal ClassificationTask(
        string name, string code, string column, string title, TaskKind kind, IReadOnlyList<TaskLabel> labels)
    {
        (Name, Code, Column, Title, Kind, Labels) = (name, code, column, title, kind, labels);
        for (int label = 0; label < labels.Count; label++)
        {
            foreach (string value in labels[label].RawValues)
            {
                if (!_indexOfRawValue.TryAdd(value, label))
                    throw new FormatException($"Task '{name}': the raw value '{value}' is listed under two labels.");
            }
        }
    }

    /// <summary>The task's name, which is also the name of its label column, for example <c>PigmentNetwork</c>.</summary>
    public string Name { get; }

    /// <summary>The task's short code, for example <c>PN</c>.</summary>
    public string Code { get; }

    /// <summary>The column of the release's table that holds the raw values, for example <c>pigment_network</c>.</summary>
    internal string Column { get; }

    /// <summary>The task in words, for example <c>pigment network</c>.</summary>
    public string Title { get; }

    /// <summary>Whether the task is the diagnosis or a criterion.</summary>
    public TaskKind Kind { get; }

    /// <summary>The labels in taxonomy order: the index of a label is its class index in the network's logits.</summary>
    public IReadOnlyList<TaskLabel> Labels { get; }

    /// <summary>Finds the label that a raw value is grouped under, whatever its letter case.</summary>
    /// <param name="rawValue">A value as the release writes it, for example <c>reed or spitz nevus</c>.</param>
    /// <param name="labelIndex">The zero-based label, where one was found.</param>
    internal bool TryGetLabel(string rawValue, out int labelIndex) => _indexOfRawValue.TryGetValue(rawValue.Trim(), out labelIndex);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Code}): {string.Join(", ", Labels.Select(label => label.Name))}";
}
