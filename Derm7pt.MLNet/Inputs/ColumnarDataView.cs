using Derm7pt.MLNet.Columns;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Writes the value of a stored row into a buffer that the caller owns.</summary>
internal delegate void RowGetter<TValue>(int row, ref TValue value);

/// <summary>Represents a data view over columns in memory. It is immutable, so that several cursors can read it concurrently.</summary>
internal sealed class ColumnarDataView : IDataView
{
    // The number of consecutive rows per cursor of a set. It is small because reading a row often decodes an image, and the
    // cursors should end at about the same time.
    private const int RowsPerBatch = 4;

    private readonly StoredColumn[] _columns;

    // Maps the position in the view to the stored row.
    private readonly int[] _rows;

    private ColumnarDataView(StoredColumn[] columns, DataViewSchema schema, int[] rows) =>
        (_columns, Schema, _rows) = (columns, schema, rows);

    public DataViewSchema Schema { get; }

    public bool CanShuffle => true;

    public int RowCount => _rows.Length;

    public long? GetRowCount() => _rows.Length;

    /// <summary>Creates a view of some rows of this view, in the given order; a row may occur more than once.</summary>
    public ColumnarDataView Subset(IEnumerable<int> positions) => new(_columns, Schema, [.. positions.Select(p => _rows[p])]);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, Active(columnsNeeded), Order(rand), new BatchCounter());

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        int batches = (_rows.Length + RowsPerBatch - 1) / RowsPerBatch;
        int cursors = Math.Clamp(batches, 1, n > 0 ? n : Environment.ProcessorCount);
        bool[] active = Active(columnsNeeded);
        int[]? order = Order(rand);
        var counter = new BatchCounter();
        return [.. Enumerable.Range(0, cursors).Select(_ => new Cursor(this, active, order, counter))];
    }

    private bool[] Active(IEnumerable<DataViewSchema.Column> columnsNeeded)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        var active = new bool[_columns.Length];
        foreach (DataViewSchema.Column column in columnsNeeded)
            active[IndexOf(column)] = true;
        return active;
    }

    private int IndexOf(DataViewSchema.Column column)
    {
        if (column.Index >= _columns.Length || _columns[column.Index].Name != column.Name)
            throw new ArgumentException($"The column '{column.Name}' is not one of this view's.", nameof(column));
        return column.Index;
    }

    private int[]? Order(Random? random)
    {
        if (random is null)
            return null;
        int[] order = [.. Enumerable.Range(0, _rows.Length)];
        random.Shuffle(order);
        return order;
    }

    /// <summary>Assigns batches to the cursors of a set on demand, so that a slow cursor does not delay the others.</summary>
    private sealed class BatchCounter
    {
        private long _last = -1;

        public long Next() => Interlocked.Increment(ref _last);
    }

    /// <summary>
    /// Reads the batches of rows that no other cursor of the set has read. Each batch number belongs to one cursor of a set and
    /// increases in the order of a single cursor, so that a stable sort by batch number restores this order.
    /// </summary>
    private sealed class Cursor(ColumnarDataView view, bool[] active, int[]? order, BatchCounter batches) : DataViewRowCursor
    {
        private long _position = -1;
        private long _next;
        private long _batch;
        private int _viewPosition = -1;
        private int _row = -1;

        public override DataViewSchema Schema => view.Schema;

        public override long Position => _position;

        public override long Batch => _batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => active[view.IndexOf(column)];

        public override bool MoveNext()
        {
            if (_next % RowsPerBatch == 0)
            {
                _batch = batches.Next();
                _next = _batch * RowsPerBatch;
            }

            if (_next >= view._rows.Length)
            {
                // The next position is a multiple of the batch size, so that further calls return false too.
                (_position, _row, _next) = (-1, -1, 0);
                return false;
            }

            _viewPosition = order is null ? (int)_next : order[_next];
            _row = view._rows[_viewPosition];
            _position++;
            _next++;
            return true;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            int index = view.IndexOf(column);
            if (!active[index])
                throw new InvalidOperationException($"The column '{column.Name}' was not requested when the cursor was opened.");
            if (view._columns[index] is not StoredColumn<TValue> stored)
            {
                throw new InvalidOperationException(
                    $"Schema mismatch for column '{column.Name}': expected {column.Type.RawType}, got {typeof(TValue)}.");
            }

            RowGetter<TValue> getter = stored.Getter;
            return (ref TValue value) => getter(CurrentRow(), ref value);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() =>
            (ref DataViewRowId id) =>
            {
                _ = CurrentRow();
                id = new DataViewRowId((ulong)_viewPosition, 0);
            };

        private int CurrentRow() =>
            _row >= 0 ? _row : throw new InvalidOperationException("The cursor is at no row: call MoveNext first.");
    }

    private abstract record StoredColumn(string Name, DataViewType Type, DataViewSchema.Annotations? Annotations);

    private sealed record StoredColumn<TValue>(
        string Name, DataViewType Type, DataViewSchema.Annotations? Annotations, RowGetter<TValue> Getter)
        : StoredColumn(Name, Type, Annotations);

    /// <summary>Builds a view, whose columns are in the order in which they are added.</summary>
    /// <param name="rowCount">The number of rows of every column.</param>
    public sealed class Builder(int rowCount)
    {
        private readonly List<StoredColumn> _columns = [];

        public Builder AddText(string name, IReadOnlyList<string> values) =>
            Add(name, TextDataViewType.Instance, [.. values.Select(value => value.AsMemory())]);

        public Builder AddSingle(string name, float[] values) => Add(name, NumberDataViewType.Single, values);

        /// <param name="name">The column's name.</param>
        /// <param name="oneBasedKeys">The keys as ML.NET stores them: 1 is the first key value and 0 means missing.</param>
        /// <param name="keyValues">The values of the keys, including those that do not occur.</param>
        public Builder AddKey(string name, uint[] oneBasedKeys, IReadOnlyList<string> keyValues)
        {
            int beyond = Array.FindIndex(oneBasedKeys, key => key > keyValues.Count);
            if (beyond >= 0)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(oneBasedKeys),
                    oneBasedKeys[beyond],
                    Invariant($"The key in row {beyond} of '{name}' is beyond its {keyValues.Count} key values."));
            }

            return Add(name, new KeyDataViewType(typeof(uint), keyValues.Count), oneBasedKeys, NameAnnotations.OfKeys(keyValues));
        }

        /// <summary>Adds a column of scalars. The array is not copied.</summary>
        public Builder Add<TValue>(
            string name, DataViewType type, TValue[] values, DataViewSchema.Annotations? annotations = null)
        {
            if (values.Length != rowCount)
                throw new ArgumentException(Invariant($"Column '{name}' has {values.Length} values for {rowCount} rows."), nameof(values));
            return Add(name, type, (int row, ref TValue value) => value = values[row], annotations);
        }

        /// <summary>Adds a column of any type, for example of vectors; the getter is called by several threads concurrently.</summary>
        public Builder Add<TValue>(
            string name, DataViewType type, RowGetter<TValue> getter, DataViewSchema.Annotations? annotations = null)
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            if (type.RawType != typeof(TValue))
                throw new ArgumentException($"Column '{name}' is of {type.RawType}, its values {typeof(TValue)}.", nameof(type));
            if (_columns.Exists(column => column.Name == name))
                throw new ArgumentException($"There are two columns '{name}'.", nameof(name));
            _columns.Add(new StoredColumn<TValue>(name, type, annotations, getter));
            return this;
        }

        public ColumnarDataView Build()
        {
            var schema = new DataViewSchema.Builder();
            foreach (StoredColumn column in _columns)
                schema.AddColumn(column.Name, column.Type, column.Annotations);
            return new ColumnarDataView([.. _columns], schema.ToSchema(), [.. Enumerable.Range(0, rowCount)]);
        }
    }
}
