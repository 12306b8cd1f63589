using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Finds and checks the label columns of a taxonomy.</summary>
internal static class LabelColumns
{
    /// <summary>Gets the type of a task's label column, in which the keys 1 to n represent the labels 0 to n − 1.</summary>
    public static KeyDataViewType TypeOf(ClassificationTask task) => new(typeof(uint), task.Labels.Count);

    /// <summary>Finds the label columns of all tasks and checks their types and key values.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="taxonomy">The tasks.</param>
    /// <param name="role">The name of the data in the message, by their purpose; null to omit it.</param>
    /// <exception cref="ArgumentOutOfRangeException">Columns are missing or have another type; the message lists all of them.</exception>
    public static DataViewSchema.Column[] Bind(DataViewSchema schema, Taxonomy taxonomy, string? role = null)
    {
        var problems = new List<string>();
        DataViewSchema.Column[] columns = Find(schema, taxonomy, problems);
        return problems.Count == 0 ? columns : throw new ArgumentOutOfRangeException(nameof(schema), Describe(problems, role));
    }

    /// <summary>Finds the label columns of all tasks, and adds their problems to a list.</summary>
    public static DataViewSchema.Column[] Find(DataViewSchema schema, Taxonomy taxonomy, List<string> problems)
    {
        var columns = new DataViewSchema.Column[taxonomy.Tasks.Count];
        for (int task = 0; task < columns.Length; task++)
        {
            ClassificationTask expected = taxonomy.Tasks[task];
            if (schema.GetColumnOrNull(expected.Name) is not { } column)
                problems.Add($"Could not find label column '{expected.Name}'.");
            else if (Mismatch(column, expected) is { } problem)
                problems.Add(problem);
            else
                columns[task] = column;
        }

        return columns;
    }

    /// <summary>Finds the text columns of labels: for each task, the column with its name or with the name of the release's column.</summary>
    /// <returns>The columns to map, without those of tasks that already have a label column.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Columns are missing or have another type; the message lists all of them.</exception>
    public static IReadOnlyList<LabelTextColumn> BindTexts(DataViewSchema schema, Taxonomy taxonomy)
    {
        var columns = new List<LabelTextColumn>();
        var problems = new List<string>();
        foreach (ClassificationTask task in taxonomy.Tasks)
        {
            if ((schema.GetColumnOrNull(task.Name) ?? schema.GetColumnOrNull(task.Column)) is not { } column)
                problems.Add($"Could not find label column '{task.Name}' or '{task.Column}'.");
            else if (column.Type is TextDataViewType)
                columns.Add(new LabelTextColumn(column, new LabelTexts(task)));
            else if (column.Name != task.Name || Mismatch(column, task) is not null)
                problems.Add($"Schema mismatch for label column '{column.Name}': expected texts or {TypeOf(task)}, got {column.Type}.");
        }

        if (problems.Count > 0)
            throw new ArgumentOutOfRangeException(nameof(schema), Describe(problems, role: null));
        return columns;
    }

    /// <summary>Reads the labels of all rows, in order.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="taxonomy">The tasks.</param>
    /// <param name="role">The name of the data in messages, by their purpose.</param>
    /// <exception cref="ArgumentOutOfRangeException">Columns are missing or have another type; the message lists all of them.</exception>
    /// <exception cref="InvalidDataException">Texts have become missing labels; the message lists them.</exception>
    /// <exception cref="InvalidOperationException">There are no rows.</exception>
    public static LabelTable Read(IDataView data, Taxonomy taxonomy, string role)
    {
        DataViewSchema.Column[] columns = Bind(data.Schema, taxonomy);
        UnknownLabels.RefuseLost(data, taxonomy, role);
        List<int>[] labels = [.. columns.Select(_ => new List<int>())];
        using DataViewRowCursor cursor = data.GetRowCursor(columns);
        Func<int>[] getters = Array.ConvertAll(columns, column => Getter(cursor, column));
        while (cursor.MoveNext())
        {
            for (int task = 0; task < getters.Length; task++)
                labels[task].Add(getters[task]());
        }

        return labels[0].Count == 0
            ? throw new InvalidOperationException($"The {role} has no rows.")
            : new LabelTable(taxonomy, [.. labels.Select(column => column.ToArray())]);
    }

    /// <summary>Creates a getter of the zero-based label of the current row, or <see cref="LabelTable.Missing"/>.</summary>
    public static Func<int> Getter(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<uint> getter = row.GetGetter<uint>(column);
        return () =>
        {
            uint key = 0;
            getter(ref key);
            // Keys are one-based and 0 is a missing value; labels are zero-based and −1 is missing.
            return (int)key - 1;
        };
    }

    /// <summary>Describes the problem of a column of a task's true or predicted labels; null if there is none.</summary>
    public static string? Mismatch(DataViewSchema.Column column, ClassificationTask task, string role = "label")
    {
        string[] names = [.. task.Labels.Select(label => label.Name)];
        string expected = $"{TypeOf(task)} with key values {string.Join(", ", names)}";
        if (column.Type is not KeyDataViewType { RawType: var raw, Count: var count } || raw != typeof(uint) || count != (ulong)names.Length)
            return $"Schema mismatch for {role} column '{column.Name}': expected {expected}, got {column.Type}.{Advice(column.Type)}";
        if (column.Annotations.Schema.GetColumnOrNull(AnnotationKinds.KeyValues) is null)
            return null;

        VBuffer<ReadOnlyMemory<char>> values = default;
        column.GetKeyValues(ref values);
        string[] actual = [.. values.DenseValues().Select(value => value.ToString())];
        return actual.SequenceEqual(names, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"Schema mismatch for {role} column '{column.Name}': expected {expected}, got key values {string.Join(", ", actual)}. " +
              "MapValueToKey takes the values and their order from its keyData.";
    }

    /// <summary>Gets a sentence that describes how to convert a column of another type to a label column; empty if this is not possible.</summary>
    public static string Advice(DataViewType type) =>
        type is TextDataViewType ? $" {nameof(Derm7ptCatalog.MapDerm7ptLabels)} turns texts into keys." : "";

    private static string Describe(IEnumerable<string> problems, string? role) =>
        string.Join(Environment.NewLine, role is null ? problems : problems.Prepend($"The {role} does not fit."));
}
