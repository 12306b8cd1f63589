using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Derm7pt.MLNet.Models;

/// <summary>
/// Creates linear models of ML.NET whose weights are a unit vector, so that their score is identical to one slot of the
/// features.
/// </summary>
/// <remarks>
/// Only ML.NET's prediction transformers create columns with the annotations of a score and a predicted label that can be loaded
/// without this library, and their weights can only be set by training. One step of a linear support vector machine without
/// bias, on one row, moves the weights from 0 in the direction of the features of the row by a known length.
/// </remarks>
internal sealed class PassThroughTrainer
    : ITrainerEstimator<BinaryPredictionTransformer<LinearBinaryModelParameters>, LinearBinaryModelParameters>
{
    // With λ = 1 the length of the first step is ½.
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
    /// Creates a transformer that adds a <c>Score</c> column with the values of a vector of probabilities and a
    /// <c>PredictedLabel</c> column, both with the annotations of a multiclass classifier of these labels.
    /// </summary>
    public static ITransformer Multiclass(MLContext ml, string featureColumn, IReadOnlyList<string> labels)
    {
        var labelNames = new VBuffer<ReadOnlyMemory<char>>(labels.Count, [.. labels.Select(label => label.AsMemory())]);
        SchemaDefinition schema = FeaturesOf(typeof(MulticlassRow), featureColumn, labels.Count);
        schema[LabelColumn].ColumnType = new KeyDataViewType(typeof(uint), labels.Count);
        schema[LabelColumn].AddAnnotation(
            "KeyValues", labelNames, new VectorDataViewType(TextDataViewType.Instance, labels.Count));
        var rows = Enumerable.Range(0, labels.Count)
            // ML.NET reads a key of an object as zero-based and converts it to one-based.
            .Select(label => new MulticlassRow { Label = (uint)label, Features = UnitVector(labels.Count, label) });

        return ml.MulticlassClassification.Trainers
            .OneVersusAll(new PassThroughTrainer(ml, featureColumn, labels.Count), LabelColumn, useProbabilities: false)
            .Fit(ml.Data.LoadFromEnumerable(rows, schema));
    }

    /// <summary>Creates a transformer that adds a scalar <c>Score</c> column with the value of a vector of length 1.</summary>
    public static ITransformer Scalar(MLContext ml, string featureColumn) =>
        new PassThroughTrainer(ml, featureColumn, width: 1).FitSlot(0);

    /// <summary>Fits the model of one label. One-versus-all calls this method for each label, with a label column that is true in the label's row.</summary>
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
        // ML.NET's type of an ONNX output of shape [N, width]. A loaded transformer accepts no other type.
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

        // The length of the step is an implementation detail of ML.NET, so the result is checked.
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
