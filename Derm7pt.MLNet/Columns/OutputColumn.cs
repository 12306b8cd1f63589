using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Columns;

/// <summary>Specifies how the value of an output column is computed from the network's output.</summary>
internal enum OutputKind
{
    /// <summary>The probabilities of a task's labels: softmax of the logits.</summary>
    Score,

    /// <summary>The label with the highest probability; the first of several equal ones.</summary>
    PredictedLabel,

    /// <summary>The name of the predicted label.</summary>
    PredictedLabelText,

    /// <summary>A hidden column without values, whose key value is the taxonomy; see <see cref="TaxonomyColumn"/>.</summary>
    Taxonomy,

    /// <summary>The gates of all blocks, the same in every row.</summary>
    Gates,

    /// <summary>The sum over all tasks of the scores of the predicted labels.</summary>
    LabelScoreSum,

    /// <summary>The probability of a set of a task's labels.</summary>
    LabelSetProbability,
}

/// <summary>Describes a column that scoring adds.</summary>
/// <param name="Name">The name.</param>
/// <param name="Kind">How its value is computed.</param>
/// <param name="Index">
/// The zero-based task; for <see cref="OutputKind.LabelScoreSum"/> and <see cref="OutputKind.LabelSetProbability"/> the position
/// among the columns of these kinds.
/// </param>
/// <param name="Names">The labels of the task, the slots of the gates, or the taxonomy as JSON; empty for a number.</param>
internal sealed record OutputColumn(string Name, OutputKind Kind, int Index, IReadOnlyList<string> Names)
{
    // ML.NET does not publish these names.
    private const string TrainingLabelValues = "TrainingLabelValues";
    private const string ScoreColumnKind = "ScoreColumnKind";
    private const string ScoreValueKind = "ScoreValueKind";
    private const string MulticlassClassification = "MulticlassClassification";

    /// <summary>The annotation that numbers the score sets of a schema.</summary>
    public const string ScoreColumnSetId = "ScoreColumnSetId";

    private static readonly KeyDataViewType SetIdType = new(typeof(uint), int.MaxValue);

    /// <summary>Whether the value is a single number that the graph computes from those of the tasks.</summary>
    public bool IsDerived => Kind is OutputKind.LabelScoreSum or OutputKind.LabelSetProbability;

    public DataViewType Type => Kind switch
    {
        OutputKind.Score or OutputKind.Gates => new VectorDataViewType(NumberDataViewType.Single, Names.Count),
        OutputKind.PredictedLabel => new KeyDataViewType(typeof(uint), Names.Count),
        OutputKind.PredictedLabelText => TextDataViewType.Instance,
        OutputKind.Taxonomy => TaxonomyColumn.Type,
        _ => NumberDataViewType.Single,
    };

    /// <summary>Creates the column for a schema.</summary>
    /// <param name="lastSetId">The number of the last score set in the input schema; the numbers of the tasks follow it.</param>
    public DataViewSchema.DetachedColumn ToColumn(uint lastSetId)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        switch (Kind)
        {
            // The annotations have the order in which ML.NET's own stages add them.
            case OutputKind.Score:
                AddText(builder, ScoreColumnKind, MulticlassClassification);
                AddSetId(builder, lastSetId);
                AddText(builder, ScoreValueKind, "Score");
                AddNames(builder, TrainingLabelValues);
                AddNames(builder, AnnotationKinds.SlotNames);
                break;
            case OutputKind.PredictedLabel:
                AddText(builder, ScoreColumnKind, MulticlassClassification);
                AddText(builder, ScoreValueKind, "PredictedLabel");
                AddNames(builder, AnnotationKinds.KeyValues);
                AddSetId(builder, lastSetId);
                break;
            case OutputKind.Taxonomy:
                AddNames(builder, AnnotationKinds.KeyValues);
                break;
            case OutputKind.Gates:
                AddNames(builder, AnnotationKinds.SlotNames);
                break;
        }

        return new DataViewSchema.DetachedColumn(Name, Type, builder.ToAnnotations());
    }

    private void AddSetId(DataViewSchema.Annotations.Builder builder, uint lastSetId) =>
        builder.AddPrimitiveValue(ScoreColumnSetId, SetIdType, lastSetId + 1 + (uint)Index);

    private void AddNames(DataViewSchema.Annotations.Builder builder, string kind) => NameAnnotations.Add(builder, kind, Names);

    private static void AddText(DataViewSchema.Annotations.Builder builder, string kind, string value) =>
        builder.AddPrimitiveValue(kind, TextDataViewType.Instance, value.AsMemory());
}
