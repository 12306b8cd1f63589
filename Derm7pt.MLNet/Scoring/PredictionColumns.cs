using Derm7pt.MLNet.Columns;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Scoring;

/// <summary>The output columns of the multi-task stage over an input schema: the schema, and getters that deliver it.</summary>
internal sealed class PredictionColumns
{
    private readonly OutputLayout _layout;
    private readonly float[] _gates;

    /// <param name="inputSchema">The schema of the input.</param>
    /// <param name="layout">The columns to add.</param>
    /// <param name="gates">The gates of all blocks, flattened.</param>
    public PredictionColumns(DataViewSchema inputSchema, OutputLayout layout, float[] gates)
    {
        (InputSchema, _layout, _gates) = (inputSchema, layout, gates);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        foreach (DataViewSchema.DetachedColumn column in layout.ToColumns(inputSchema))
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    /// <summary>Determines whether a column of <see cref="OutputSchema"/> is an output of the stage rather than of the input.</summary>
    public bool IsPrediction(DataViewSchema.Column column) => column.Index >= InputSchema.Count;

    /// <summary>The input's columns among those of <see cref="OutputSchema"/>.</summary>
    public IEnumerable<DataViewSchema.Column> Passed(IEnumerable<DataViewSchema.Column> columns) =>
        columns.Where(column => !IsPrediction(column)).Select(column => InputSchema[column.Index]);

    /// <summary>Creates a getter of an output column.</summary>
    /// <param name="column">A column of <see cref="OutputSchema"/>.</param>
    /// <param name="current">Gives the current row's prediction.</param>
    public ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column, Func<Prediction> current) =>
        Getter(_layout.Columns[column.Index - InputSchema.Count], current) as ValueGetter<TValue>
            ?? throw new InvalidOperationException(
                $"Column '{column.Name}' has values of type {column.Type.RawType}, not {typeof(TValue)}.");

    private Delegate Getter(OutputColumn column, Func<Prediction> current)
    {
        int index = column.Index;
        ReadOnlyMemory<char>[] names = column.Kind == OutputKind.PredictedLabelText ? [.. column.Names.Select(name => name.AsMemory())] : [];
        float[] gates = _gates;
        return column.Kind switch
        {
            OutputKind.Score => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => CopyTo(current().Scores[index], ref value)),
            // Keys are 1-based; ONNX's classes are 0-based.
            OutputKind.PredictedLabel => (ValueGetter<uint>)((ref uint value) => value = (uint)current().Labels[index] + 1),
            OutputKind.PredictedLabelText =>
                (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = names[current().Labels[index]]),
            OutputKind.Taxonomy => (ValueGetter<uint>)((ref uint value) => value = 0),
            OutputKind.Gates => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => CopyTo(gates, ref value)),
            _ => (ValueGetter<float>)((ref float value) => value = current().Derived[index]),
        };
    }

    private static void CopyTo(float[] source, ref VBuffer<float> value)
    {
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, source.Length);
        source.CopyTo(editor.Values);
        value = editor.Commit();
    }
}
