using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Gathers texts in columns of labels that stand for no label, each once for every column.</summary>
internal sealed class UnknownLabels
{
    private const int Described = 20;

    private readonly Dictionary<(string Column, string Text), Occurrence> _found = [];

    /// <summary>One sentence for each text: the column, the text, its rows and what was expected.</summary>
    public IReadOnlyList<string> Descriptions => [.. _found.OrderBy(pair => pair.Value.FirstRow).Select(pair => Describe(pair.Key, pair.Value))];

    /// <summary>Finds the texts that a mapping does not know.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="columns">Text columns and the tasks whose labels they hold.</param>
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
    /// Refuses data in which a stage has turned texts into missing keys, as MapValueToKey with keyData does: the texts are still
    /// there, in the column that the stage has hidden. What the stage made of another column cannot be checked.
    /// </summary>
    /// <param name="data">The rows, with the label columns of all tasks.</param>
    /// <param name="taxonomy">The tasks.</param>
    /// <param name="role">What the data are for, as it appears in the message.</param>
    /// <exception cref="InvalidDataException">A label is missing whose text is not empty; the message names all such texts.</exception>
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

    /// <exception cref="InvalidDataException">There are some; the message names them.</exception>
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
        // A label that is not given is missing, and nothing is wrong with that.
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
