using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Derm7pt.MLNet.Models;

/// <summary>
/// Makes ML.NET's own linear models whose weights are a unit vector, so that their score is one slot of the features,
/// bit by bit.
/// </summary>
/// <remarks>
/// ML.NET's prediction transformers are what gives a column the annotations of a score and its predicted label, and they
/// load anywhere; but their weights can only come from training. One step of a linear support vector machine without
/// bias, on one row, moves the weights from 0 along that row's features by a known length.
/// </remarks>
internal sealed class PassThroughTrainer
    : ITrainerEstimator<BinaryPredictionTransformer<LinearBinaryModelParameters>, LinearBinaryModelParameters>
{
    // With λ = 1 the first step's length is ½.
    private const float FeatureThatGivesWeightOne = 2;
    private const string LabelColumn = "Label";

    private readonly MLContext _ml;
    private readonly string _featureColumn;
    private readonly int _width;
    private readonly LinearSvmTrainer _trainer;

    private PassThroughTrainer(MLContext ml, string featureColumn, int width)
    {
        (_ml, _featureColumn, _width) = (ml, featureColumn, width);
        _trainer = ml.BinaryClassification.Trainers.LinearSvm(new LinearSvmTrainer.Options
        {
            FeatureColumnName = featureColumn,
            LabelColumnName = LabelColumn,
            NumberOfIterations = 1,
            BatchSize = 1,
            NoBias = true,
            PerformProjection = false,
            Lambda = 1,
        });
    }

    /// <inheritdoc/>
    public TrainerInfo Info => _trainer.Info;

    /// <summary>
    /// A transformer that turns a vector of probabilities into a <c>Score</c> column with the same values and a
    /// <c>PredictedLabel</c> column, both annotated as those of any multiclass classifier of these labels.
    /// </summary>
    public static ITransformer Multiclass(MLContext ml, string featureColumn, IReadOnlyList<string> labels)
    {
        var labelNames = new VBuffer<ReadOnlyMemory<char>>(labels.Count, [.. labels.Select(label => label.AsMemory())]);
        SchemaDefinition schema = FeaturesOf(typeof(MulticlassRow), featureColumn, labels.Count);
        schema[LabelColumn].ColumnType = new KeyDataViewType(typeof(uint), labels.Count);
        schema[LabelColumn].AddAnnotation(
            "KeyValues", labelNames, new VectorDataViewType(TextDataViewType.Instance, labels.Count));
        var rows = Enumerable.Range(0, labels.Count)
            // ML.NET reads a key of an object as zero-based and makes it one-based itself.
            .Select(label => new MulticlassRow { Label = (uint)label, Features = UnitVector(labels.Count, label) });

        return ml.MulticlassClassification.Trainers
            .OneVersusAll(new PassThroughTrainer(ml, featureColumn, labels.Count), LabelColumn, useProbabilities: false)
            .Fit(ml.Data.LoadFromEnumerable(rows, schema));
    }

    /// <summary>A transformer that turns a vector of length 1 into a scalar <c>Score</c> column.</summary>
    public static ITransformer Scalar(MLContext ml, string featureColumn) =>
        new PassThroughTrainer(ml, featureColumn, width: 1).FitSlot(0);

    /// <summary>Called by one-versus-all for each label in turn, with a label column that is true in that label's row.</summary>
    public BinaryPredictionTransformer<LinearBinaryModelParameters> Fit(IDataView input)
    {
        DataViewSchema.Column label = input.Schema[LabelColumn];
        using DataViewRowCursor cursor = input.GetRowCursor([label]);
        Func<bool> isPositive = PositiveLabel(cursor, label);
        for (int slot = 0; cursor.MoveNext(); slot++)
        {
            if (isPositive())
                return FitSlot(slot);
        }

        throw new InvalidOperationException("No row carries the label that is to be learned.");
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _trainer.GetOutputSchema(inputSchema);

    private static Func<bool> PositiveLabel(DataViewRow row, DataViewSchema.Column label)
    {
        if (label.Type is BooleanDataViewType)
        {
            ValueGetter<bool> getter = row.GetGetter<bool>(label);
            bool value = false;
            return () =>
            {
                getter(ref value);
                return value;
            };
        }

        ValueGetter<float> number = row.GetGetter<float>(label);
        float sign = 0;
        return () =>
        {
            number(ref sign);
            return sign > 0;
        };
    }

    private static SchemaDefinition FeaturesOf(Type row, string featureColumn, int width)
    {
        SchemaDefinition schema = SchemaDefinition.Create(row);
        // The type that ML.NET gives an ONNX output of shape [N, width]; a loaded transformer accepts no other.
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 1, width);
        schema["Features"].ColumnName = featureColumn;
        return schema;
    }

    private static float[] UnitVector(int width, int slot)
    {
        var values = new float[width];
        values[slot] = FeatureThatGivesWeightOne;
        return values;
    }

    private BinaryPredictionTransformer<LinearBinaryModelParameters> FitSlot(int slot)
    {
        BinaryRow[] rows = [new BinaryRow { Label = true, Features = UnitVector(_width, slot) }];
        IDataView data = _ml.Data.LoadFromEnumerable(rows, FeaturesOf(typeof(BinaryRow), _featureColumn, _width));
        BinaryPredictionTransformer<LinearBinaryModelParameters> fitted = _trainer.Fit(data);

        // The step's length is ML.NET's affair, so it is checked and not believed.
        IReadOnlyList<float> weights = fitted.Model.Weights;
        bool isUnitVector = fitted.Model.Bias == 0
            && weights.Count == _width
            && weights.Select((weight, i) => weight == (i == slot ? 1 : 0)).All(isExact => isExact);
        if (!isUnitVector)
        {
            throw new InvalidOperationException(
                Invariant($"The pass-through model of slot {slot} has weights {string.Join(' ', weights.Select(weight => weight.ToString(CultureInfo.InvariantCulture)))} and bias {fitted.Model.Bias}."));
        }

        return fitted;
    }

    private sealed class MulticlassRow
    {
        public uint Label { get; set; }

        public float[] Features { get; set; } = [];
    }

    private sealed class BinaryRow
    {
        public bool Label { get; set; }

        public float[] Features { get; set; } = [];
    }
}
