using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Represents the rows of another view with a schema that differs only in annotations.</summary>
internal sealed class RelabelledDataView(IDataView input, DataViewSchema schema) : IDataView
{
    public bool CanShuffle => input.CanShuffle;

    public DataViewSchema Schema => schema;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        Wrap(input.GetRowCursor(ToInput(columnsNeeded), rand));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        Array.ConvertAll(input.GetRowCursorSet(ToInput(columnsNeeded), n, rand), Wrap);

    private IEnumerable<DataViewSchema.Column> ToInput(IEnumerable<DataViewSchema.Column> columns) =>
        columns.Select(column => input.Schema[column.Index]);

    private DataViewRowCursor Wrap(DataViewRowCursor cursor) => new WrappedCursor(cursor, new Row(cursor, schema));

    /// <summary>Maps single rows in the same way.</summary>
    internal sealed class Mapper(DataViewSchema inputSchema, DataViewSchema outputSchema) : IRowToRowMapper
    {
        public DataViewSchema InputSchema => inputSchema;

        public DataViewSchema OutputSchema => outputSchema;

        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
            dependingColumns.Select(column => inputSchema[column.Index]);

        public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => new Row(input, outputSchema);
    }

    private sealed class Row(DataViewRow source, DataViewSchema schema) : WrappedRow(source)
    {
        private readonly DataViewSchema _sourceSchema = source.Schema;

        public override DataViewSchema Schema => schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => base.IsColumnActive(_sourceSchema[column.Index]);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            base.GetGetter<TValue>(_sourceSchema[column.Index]);
    }
}
