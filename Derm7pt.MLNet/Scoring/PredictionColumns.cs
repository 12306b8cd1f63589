using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Scoring;

/// <summary>The output columns of the multi-task stage over an input schema: the schema, and getters that deliver it.</summary>
internal sealed class PredictionColumns
{
    private readonly List<Func<Func<Prediction>, Delegate>> _getters = [];

    /// <param name="inputSchema">What the rows have already.</param>
    /// <param name="taxonomy">The tasks.</param>
    /// <param name="gateAlphas">The gates of all blocks, flattened.</param>
    /// <param name="channels">C of each block.</param>
    public PredictionColumns(DataViewSchema inputSchema, Taxonomy taxonomy, float[] gateAlphas, IReadOnlyList<int> channels)
    {
        InputSchema = inputSchema;
        Dictionary<string, Func<Func<Prediction>, Delegate>> getters = Getters(taxonomy, gateAlphas);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        foreach (DataViewSchema.DetachedColumn column in OutputColumns.Create(taxonomy, GateSlotNames.Create(taxonomy, channels), inputSchema))
        {
            builder.AddColumn(column.Name, column.Type, column.Annotations);
            _getters.Add(getters[column.Name]);
        }

        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    /// <summary>Whether a column of <see cref="OutputSchema"/> is one of ours, rather than the input's.</summary>
    public bool IsPrediction(DataViewSchema.Column column) => column.Index >= InputSchema.Count;

    /// <summary>The input's columns among those of <see cref="OutputSchema"/>.</summary>
    public IEnumerable<DataViewSchema.Column> Passed(IEnumerable<DataViewSchema.Column> columns) =>
        columns.Where(column => !IsPrediction(column)).Select(column => InputSchema[column.Index]);

    /// <summary>A getter of a column of ours.</summary>
    /// <param name="column">A column of <see cref="OutputSchema"/>.</param>
    /// <param name="current">Gives the current row's prediction.</param>
    public ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column, Func<Prediction> current) =>
        _getters[column.Index - InputSchema.Count](current) as ValueGetter<TValue>
            ?? throw new InvalidOperationException(
                $"Column '{column.Name}' has values of type {column.Type.RawType}, not {typeof(TValue)}.");

    /// <summary>For each column's name, what makes a getter of a source of predictions.</summary>
    private static Dictionary<string, Func<Func<Prediction>, Delegate>> Getters(Taxonomy taxonomy, float[] gateAlphas)
    {
        var getters = new Dictionary<string, Func<Func<Prediction>, Delegate>>
        {
            [ColumnNames.GateAlphas] = _ => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => CopyTo(gateAlphas, ref value)),
            [ColumnNames.SevenPointScore] = current => (ValueGetter<float>)((ref float value) => value = current().SevenPointScore()),
            [ColumnNames.MelanomaProbability] = current => (ValueGetter<float>)((ref float value) => value = current().MelanomaProbability()),
        };
        for (int i = 0; i < taxonomy.Tasks.Count; i++)
        {
            int task = i;
            ReadOnlyMemory<char>[] names = [.. taxonomy.Tasks[task].Labels.Select(label => label.Name.AsMemory())];
            getters[ColumnNames.Score(taxonomy.Tasks[task])] = current =>
                (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => CopyTo(current().Scores[task], ref value));
            // Keys are 1-based; ONNX's classes are 0-based.
            getters[ColumnNames.PredictedLabel(taxonomy.Tasks[task])] = current =>
                (ValueGetter<uint>)((ref uint value) => value = (uint)current().Label(task) + 1);
            getters[ColumnNames.PredictedLabelText(taxonomy.Tasks[task])] = current =>
                (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = names[current().Label(task)]);
        }

        return getters;
    }

    private static void CopyTo(float[] source, ref VBuffer<float> value)
    {
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, source.Length);
        source.CopyTo(editor.Values);
        value = editor.Commit();
    }
}
