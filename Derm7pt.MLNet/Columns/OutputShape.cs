using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Columns;

/// <summary>The shape of the output columns, which an estimator promises before it is fitted.</summary>
internal static class OutputShape
{
    /// <remarks>
    /// The constructor of a shape's column is internal to ML.NET; a custom mapping makes columns of any type with public
    /// API only, so one is asked, column by column, for the shape it would promise. It is never run.
    /// </remarks>
    public static IReadOnlyList<SchemaShape.Column> Create(TransformsCatalog catalog, OutputLayout layout)
    {
        return [.. layout.Visible.Select(column => Of(catalog, column.ToColumn(lastSetId: 0)))];
    }

    /// <summary>The shape of one column.</summary>
    public static SchemaShape.Column Of(TransformsCatalog catalog, DataViewSchema.DetachedColumn column) => column.Type switch
    {
        VectorDataViewType => Shape<VectorValue>(catalog, column),
        KeyDataViewType => Shape<KeyValue>(catalog, column),
        TextDataViewType => Shape<TextValue>(catalog, column),
        _ => Shape<NumberValue>(catalog, column),
    };

    private static SchemaShape.Column Shape<TValue>(TransformsCatalog catalog, DataViewSchema.DetachedColumn column)
        where TValue : class, new()
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(TValue));
        SchemaDefinition.Column defined = definition[0];
        (defined.ColumnName, defined.ColumnType) = (column.Name, column.Type);
        foreach (DataViewSchema.Column annotation in column.Annotations?.Schema ?? Enumerable.Empty<DataViewSchema.Column>())
            AddAnnotation(defined, annotation.Name, annotation.Type);
        return catalog.CustomMapping<Nothing, TValue>((_, _) => { }, null, null, definition)
            .GetOutputSchema(new SchemaShape([]))[0];
    }

    // A shape has the annotations' kinds and types, not their values.
    private static void AddAnnotation(SchemaDefinition.Column column, string kind, DataViewType type)
    {
        switch (type)
        {
            case VectorDataViewType:
                column.AddAnnotation(kind, default(VBuffer<ReadOnlyMemory<char>>), type);
                break;
            case KeyDataViewType:
                column.AddAnnotation(kind, 0u, type);
                break;
            case NumberDataViewType:
                column.AddAnnotation(kind, 0, type);
                break;
            default:
                column.AddAnnotation(kind, ReadOnlyMemory<char>.Empty, type);
                break;
        }
    }

    private sealed class Nothing;

    private sealed class VectorValue
    {
        public float[]? Value { get; set; }
    }

    private sealed class KeyValue
    {
        public uint Value { get; set; }
    }

    private sealed class TextValue
    {
        public string? Value { get; set; }
    }

    private sealed class NumberValue
    {
        public float Value { get; set; }
    }
}
