using Derm7pt.MLNet.Columns;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Represents the rows of another view, with its text columns of labels replaced by key columns.</summary>
internal sealed class MappedLabels : IDataView
{
    private readonly IDataView _input;

    // For each column of this view, the column of the input, and the texts of labels if the column is mapped.
    private readonly int[] _source;
    private readonly LabelTexts?[] _texts;

    /// <param name="input">The rows.</param>
    /// <param name="columns">The text columns. A key column with the name of its task replaces the text column with that name, or is added.</param>
    public MappedLabels(IDataView input, IReadOnlyList<LabelTextColumn> columns)
    {
        _input = input;
        var source = new List<int>();
        var texts = new List<LabelTexts?>();
        var schema = new DataViewSchema.Builder();
        foreach (DataViewSchema.Column column in input.Schema)
        {
            LabelTextColumn? labels = columns.FirstOrDefault(labels => labels.Texts.Task.Name == column.Name);
            if (labels is null)
                Add(column, mapped: null, column.Type, column.Annotations);
            else if (!column.IsHidden)
                AddKeys(labels);

            // Columns that a label column hides are omitted, because the hidden texts of an earlier stage are not those that are mapped.
        }

        foreach (LabelTextColumn labels in columns.Where(labels => !labels.IsReplaced))
            AddKeys(labels);
        (_source, _texts, Schema) = ([.. source], [.. texts], schema.ToSchema());

        void AddKeys(LabelTextColumn labels) => Add(
            labels.Column, labels.Texts, LabelColumns.TypeOf(labels.Texts.Task),
            NameAnnotations.OfKeys(labels.Texts.Task.Labels.Select(label => label.Name)));

        void Add(DataViewSchema.Column column, LabelTexts? mapped, DataViewType type, DataViewSchema.Annotations annotations)
        {
            source.Add(column.Index);
            texts.Add(mapped);
            schema.AddColumn(mapped?.Task.Name ?? column.Name, type, annotations);
        }
    }

    public bool CanShuffle => _input.CanShuffle;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return Wrap(_input.GetRowCursor(ToInput(needed), rand), needed);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return Array.ConvertAll(_input.GetRowCursorSet(ToInput(needed), n, rand), cursor => Wrap(cursor, needed));
    }

    private IEnumerable<DataViewSchema.Column> ToInput(IEnumerable<DataViewSchema.Column> columns) =>
        columns.Select(column => _input.Schema[_source[column.Index]]).DistinctBy(column => column.Index);

    private WrappedCursor Wrap(DataViewRowCursor cursor, DataViewSchema.Column[] needed) =>
        new(cursor, new Row(this, cursor, [.. needed.Select(column => column.Index)]));

    private sealed class Row(MappedLabels view, DataViewRow source, HashSet<int> active) : WrappedRow(source)
    {
        private readonly DataViewRow _source = source;

        public override DataViewSchema Schema => view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            DataViewSchema.Column from = _source.Schema[view._source[column.Index]];
            if (view._texts[column.Index] is not { } texts)
                return base.GetGetter<TValue>(from);
            return KeyGetter(_source.GetGetter<ReadOnlyMemory<char>>(from), texts) as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column '{column.Name}' has values of type {typeof(uint)}, not {typeof(TValue)}.");
        }

        private static ValueGetter<uint> KeyGetter(ValueGetter<ReadOnlyMemory<char>> getter, LabelTexts texts)
        {
            ReadOnlyMemory<char> text = default;
            return (ref uint key) =>
            {
                getter(ref text);
                key = texts.KeyOf(text);
            };
        }
    }
}
