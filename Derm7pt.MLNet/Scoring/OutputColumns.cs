using System.Collections.Immutable;
using Derm7pt.MLNet.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Scoring;

/// <summary>
/// The columns that scoring adds, with types and annotations, in order: per task the score, the predicted label and its
/// text, then the gates, the seven-point score and the melanoma probability. A stage in memory and one that was loaded
/// from a file give the same columns.
/// </summary>
internal static class OutputColumns
{
    // ML.NET keeps these names to itself.
    private const string TrainingLabelValues = "TrainingLabelValues";
    private const string ScoreColumnKind = "ScoreColumnKind";
    private const string ScoreColumnSetId = "ScoreColumnSetId";
    private const string ScoreValueKind = "ScoreValueKind";
    private const string MulticlassClassification = "MulticlassClassification";

    private static readonly KeyDataViewType SetIdType = Key(int.MaxValue);

    /// <summary>Whether the diagnosis is among the tasks and knows melanoma.</summary>
    public static bool HasMelanomaProbability(Taxonomy taxonomy) =>
        taxonomy.Diagnosis?.Labels.Any(label => label.IsMelanoma) ?? false;

    /// <summary>Defines the columns.</summary>
    /// <param name="taxonomy">The tasks and labels.</param>
    /// <param name="gateSlotNames">The names of the gate values; see <see cref="GateSlotNames"/>.</param>
    /// <param name="inputSchema">
    /// The columns there are already: each task's columns get a score set of their own, numbered after those present.
    /// </param>
    public static ImmutableArray<DataViewSchema.DetachedColumn> Create(
        Taxonomy taxonomy, IReadOnlyList<string> gateSlotNames, DataViewSchema inputSchema)
    {
        var columns = ImmutableArray.CreateBuilder<DataViewSchema.DetachedColumn>();
        uint setId = LastSetId(inputSchema);
        foreach (ClassificationTask task in taxonomy.Tasks)
        {
            setId++;
            Names labels = new([.. task.Labels.Select(label => label.Name)]);
            columns.Add(new(ColumnNames.Score(task), Vector(labels.Count), Score(labels, setId)));
            columns.Add(new(ColumnNames.PredictedLabel(task), Key(labels.Count), PredictedLabel(labels, setId)));
            columns.Add(new(ColumnNames.PredictedLabelText(task), TextDataViewType.Instance, null));
        }

        columns.Add(new(ColumnNames.GateAlphas, Vector(gateSlotNames.Count), Gates(new(gateSlotNames))));
        columns.Add(new(ColumnNames.SevenPointScore, NumberDataViewType.Single, null));
        if (HasMelanomaProbability(taxonomy))
            columns.Add(new(ColumnNames.MelanomaProbability, NumberDataViewType.Single, null));
        return columns.ToImmutable();
    }

    private static VectorDataViewType Vector(int size) => new(NumberDataViewType.Single, size);

    private static KeyDataViewType Key(int count) => new(typeof(uint), count);

    private static DataViewSchema.Annotations Score(Names labels, uint setId)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        AddText(builder, ScoreColumnKind, MulticlassClassification);
        builder.AddPrimitiveValue(ScoreColumnSetId, SetIdType, setId);
        AddText(builder, ScoreValueKind, "Score");
        labels.AddTo(builder, TrainingLabelValues);
        labels.AddTo(builder, AnnotationKinds.SlotNames);
        return builder.ToAnnotations();
    }

    private static DataViewSchema.Annotations PredictedLabel(Names labels, uint setId)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        AddText(builder, ScoreColumnKind, MulticlassClassification);
        AddText(builder, ScoreValueKind, "PredictedLabel");
        labels.AddTo(builder, AnnotationKinds.KeyValues);
        builder.AddPrimitiveValue(ScoreColumnSetId, SetIdType, setId);
        return builder.ToAnnotations();
    }

    private static DataViewSchema.Annotations Gates(Names slots)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        slots.AddTo(builder, AnnotationKinds.SlotNames);
        return builder.ToAnnotations();
    }

    private static void AddText(DataViewSchema.Annotations.Builder builder, string kind, string value) =>
        builder.AddPrimitiveValue(kind, TextDataViewType.Instance, value.AsMemory());

    private static uint LastSetId(DataViewSchema schema)
    {
        uint last = 0;
        foreach (DataViewSchema.Column column in schema)
        {
            DataViewType? type = column.Annotations.Schema.GetColumnOrNull(ScoreColumnSetId)?.Type;
            if (type is KeyDataViewType && type.RawType == typeof(uint))
            {
                uint id = 0;
                column.Annotations.GetValue(ScoreColumnSetId, ref id);
                last = Math.Max(last, id);
            }
        }

        return last;
    }

    /// <summary>Names as the value of an annotation.</summary>
    private sealed class Names(IReadOnlyList<string> names)
    {
        private readonly ReadOnlyMemory<char>[] _names = [.. names.Select(name => name.AsMemory())];

        public int Count => _names.Length;

        // Copied, because the buffer is the caller's to reuse.
        public void AddTo(DataViewSchema.Annotations.Builder builder, string kind) =>
            builder.Add(
                kind,
                new VectorDataViewType(TextDataViewType.Instance, Count),
                (ref VBuffer<ReadOnlyMemory<char>> value) => new VBuffer<ReadOnlyMemory<char>>(Count, _names).CopyTo(ref value));
    }
}
