using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Collects the texts in columns of labels that match no label, each once per column.</summary>
internal sealed class UnknownLabels
{
    private const int Described = 20;

    private readonly Dictionary<(string Column, string Text), Occurrence> _found = [];

    /// <summary>One sentence for each text, with the column, the text, its rows and the expected texts.</summary>
    public IReadOnlyList<string> Descriptions => [.. _found.OrderBy(pair => pair.Value.FirstRow).Select(pair => Describe(pair.Key, pair.Value))];

    /// <summary>Finds the texts that match no label.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="columns">The text columns of labels.</param>
    public static UnknownLabels Find(IDataView data, IReadOnlyList<LabelTextColumn> columns)
    {
        var unknown = new UnknownLabels();
        using DataViewRowCursor cursor = data.GetRowCursor(columns.Select(column => column.Column));
        (LabelTexts Texts, string Name, ValueGetter<ReadOnlyMemory<char>> Getter)[] readers =
            [.. columns.Select(column => (column.Texts, column.Column.Name, cursor.GetGetter<ReadOnlyMemory<char>>(column.Column)))];
        ReadOnlyMemory<char> text = default;
        for (long row = 0; cursor.MoveNext(); row++)
        {
            foreach ((LabelTexts texts, string name, ValueGetter<ReadOnlyMemory<char>> getter) in readers)
            {
                getter(ref text);
                if (texts.KeyOf(text) == 0)
                    unknown.Add(name, text, row, texts.Accepted);
            }
        }

        return unknown;
    }

    /// <summary>
    /// Rejects data in which a stage has mapped texts to missing keys, as MapValueToKey with keyData does. The texts are still
    /// available in the column that the stage has hidden. Keys that were created from a column with another name cannot be checked.
    /// </summary>
    /// <param name="data">The rows, with the label columns of all tasks.</param>
    /// <param name="taxonomy">The tasks.</param>
    /// <param name="role">The name of the data in the message, by their purpose.</param>
    /// <exception cref="InvalidDataException">A label is missing although its text is not empty; the message lists all such texts.</exception>
    public static void RefuseLost(IDataView data, Taxonomy taxonomy, string role)
    {
        (ClassificationTask Task, DataViewSchema.Column Keys, DataViewSchema.Column Texts)[] replaced =
        [
            .. from task in taxonomy.Tasks
               let keys = data.Schema[task.Name]
               where keys.Index > 0
               let texts = data.Schema.LastOrDefault(column => column.Name == task.Name && column.Index < keys.Index)
               where texts.Type is TextDataViewType
               select (task, keys, texts),
        ];
        if (replaced.Length == 0)
            return;

        var unknown = new UnknownLabels();
        using DataViewRowCursor cursor = data.GetRowCursor(replaced.SelectMany(column => (DataViewSchema.Column[])[column.Keys, column.Texts]));
        (string Name, string[] Labels, Func<int> Label, ValueGetter<ReadOnlyMemory<char>> Text)[] readers =
        [
            .. replaced.Select(column => (
                column.Task.Name, column.Task.Labels.Select(label => label.Name).ToArray(), LabelColumns.Getter(cursor, column.Keys),
                cursor.GetGetter<ReadOnlyMemory<char>>(column.Texts))),
        ];
        ReadOnlyMemory<char> value = default;
        for (long row = 0; cursor.MoveNext(); row++)
        {
            foreach ((string name, string[] labels, Func<int> label, ValueGetter<ReadOnlyMemory<char>> text) in readers)
            {
                if (label() != LabelTable.Missing)
                    continue;
                text(ref value);
                unknown.Add(name, value, row, labels);
            }
        }

        unknown.ThrowIfAny(
            $"The {role} has texts that are no labels of the taxonomy '{taxonomy.Name}' and have become missing labels. " +
            $"{nameof(Derm7ptCatalog.MapDerm7ptLabels)} accepts raw values too, whatever their letter case, and reports others as you choose:");
    }

    /// <exception cref="InvalidDataException">There are unknown texts; the message lists them.</exception>
    public void ThrowIfAny(string heading)
    {
        if (_found.Count == 0)
            return;
        IReadOnlyList<string> all = Descriptions;
        IEnumerable<string> lines = all.Take(Described).Select(line => $"- {line}");
        if (all.Count > Described)
            lines = lines.Append(Invariant($"- and {all.Count - Described} more"));
        throw new InvalidDataException($"{heading}\n{string.Join('\n', lines)}");
    }

    private void Add(string column, ReadOnlyMemory<char> text, long row, IReadOnlyList<string> accepted)
    {
        string value = text.Span.Trim().ToString();
        // An empty text is a missing label, which is valid.
        if (value.Length == 0)
            return;
        _found[(column, value)] = _found.TryGetValue((column, value), out Occurrence? before)
            ? before with { Rows = before.Rows + 1 }
            : new Occurrence(row, 1, accepted);
    }

    private static string Describe((string Column, string Text) key, Occurrence found)
    {
        string rows = found.Rows == 1 ? Invariant($"in row {found.FirstRow}") : Invariant($"in {found.Rows} rows, the first of them row {found.FirstRow}");
        string? meant = NearestName.Find(key.Text, found.Accepted);
        string expected = (meant is null ? "one of " : $"'{meant}' perhaps, or another of ") + Quoting.List(found.Accepted);
        return $"column '{key.Column}', {rows}: unknown label '{key.Text}'; expected {expected}.";
    }

    private sealed record Occurrence(long FirstRow, long Rows, IReadOnlyList<string> Accepted);
}
