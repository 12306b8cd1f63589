using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Derm7pt.MLNet.Models;

/// <summary>
/// A chain of ML.NET's own transformers that computes the stage's columns with ONNX Runtime. It is what a model file
/// holds: <c>mlContext.Model.Load</c> reads it in any process, without this library and without libtorch.
/// </summary>
/// <remarks>
/// The chain is tied to the columns that the input had when the stage was fitted in one respect only: an input column
/// named <c>Score</c>, <c>PredictedLabel</c> or <c>Pixels</c>, names that ML.NET's stages insist on, is put aside and
/// restored, and so is expected when scoring too; one that the input did not have then is lost. What such a column hides
/// meanwhile stays hidden in the schema.
/// </remarks>
internal sealed class SavedPipeline : IDisposable
{
    private const string Score = "Score";
    private const string PredictedLabel = "PredictedLabel";
    private const string Identity = "x : x";

    // No column that a person names.
    private const string AsidePrefix = "derm7pt.aside.";

    private readonly TransformerChain<ITransformer> _chain;

    private SavedPipeline(TransformerChain<ITransformer> chain, string modelFile)
    {
        (_chain, ModelFile) = (chain, modelFile);
    }

    /// <summary>The chain. It lives until this object is disposed.</summary>
    public ITransformer Transformer => _chain;

    /// <summary>The temporary file that holds the network until this object is disposed.</summary>
    public string ModelFile { get; }

    /// <summary>The names of input columns whose presence changes the chain, beside that of the pixels.</summary>
    public static IEnumerable<string> SensitiveNames(Taxonomy taxonomy) =>
    [
        Score,
        PredictedLabel,
        ColumnNames.Pixels,
        // Earlier files had these two whatever the taxonomy was.
        .. OutputLayout.Create(taxonomy, [1]).Columns.Select(column => column.Name).Union([ColumnNames.GateAlphas, ColumnNames.SevenPointScore]),
    ];

    /// <summary>Builds the chain.</summary>
    /// <param name="inputSchema">The columns that the stage was fitted on.</param>
    /// <param name="inputColumnName">The column of images or of pixel vectors among them.</param>
    /// <param name="onnxModel">A model file.</param>
    /// <param name="layout">The columns that its graph computes.</param>
    /// <exception cref="ArgumentException">The input column is missing or does not have the network's image size.</exception>
    /// <exception cref="IOException">The temporary folder cannot be written.</exception>
    public static SavedPipeline Build(DataViewSchema inputSchema, string inputColumnName, byte[] onnxModel, OutputLayout layout)
    {
        // ML.NET copies the model out of this file when it saves, so it must live as long as the chain. A context of its
        // own keeps the log lines of some thirty tiny trainings away from the user's.
        string modelFile = TempFolder.NewPath("derm7pt-", ".onnx");
        var stages = new Stages(new MLContext(seed: 0), inputSchema);
        try
        {
            WriteModel(modelFile, onnxModel);
            stages.AddAll(inputColumnName, modelFile, ModelProto.Parser.ParseFrom(onnxModel), layout);
            return new SavedPipeline(stages.ToChain(), modelFile);
        }
        catch
        {
            stages.ToChain().Dispose();
            if (File.Exists(modelFile))
                File.Delete(modelFile);
            throw;
        }
    }

    private static void WriteModel(string modelFile, byte[] onnxModel)
    {
        try
        {
            File.WriteAllBytes(modelFile, onnxModel);
        }
        catch (Exception e) when (TempFolder.IsFileFailure(e))
        {
            throw TempFolder.Blame("Saving a model", e);
        }
    }

    /// <summary>Writes the chain into a model file.</summary>
    public void Save(ModelSaveContext context) => ((ICanSaveModel)_chain).Save(context);

    /// <inheritdoc/>
    public void Dispose()
    {
        _chain.Dispose();
        File.Delete(ModelFile);
    }

    /// <summary>The transformers so far and what they make of the input's schema.</summary>
    private sealed class Stages(MLContext ml, DataViewSchema inputSchema)
    {
        private readonly List<ITransformer> _transformers = [];
        private IDataView _view = new SchemaOnlyDataView(inputSchema);

        public TransformerChain<ITransformer> ToChain() => new([.. _transformers]);

        public void AddAll(string inputColumnName, string modelFile, ModelProto model, OutputLayout layout)
        {
            List<string> temporary = [Score, PredictedLabel];
            if (inputColumnName != ColumnNames.Pixels || inputSchema.GetColumnOrNull(inputColumnName)?.Type is ImageDataViewType)
                temporary.Add(ColumnNames.Pixels);
            List<string> restored = [.. temporary.Where(name => inputSchema.GetColumnOrNull(name) is not null)];
            List<string> dropped = [.. temporary.Except(restored), .. restored.Select(name => AsidePrefix + name)];

            foreach (string name in restored)
                Add(ml.Transforms.CopyColumns(AsidePrefix + name, name));
            AddPixels(inputColumnName, model);
            AddNetwork(modelFile, model);
            foreach (ClassificationTask task in layout.Taxonomy.Tasks)
                AddTask(task);
            AddTaxonomy(layout.Taxonomy);
            foreach (OutputColumn column in layout.Columns)
            {
                if (column.Kind == OutputKind.Gates)
                    dropped.Add(AddGateAlphas());
                else if (column.IsDerived)
                    AddScalar(column.Name);
            }

            // ML.NET puts a column next to the one of the same name that it hides, so these return to their old places.
            foreach (string name in restored)
                Add(ml.Transforms.CopyColumns(name, AsidePrefix + name));
            Add(ml.Transforms.DropColumns([.. dropped]));
        }

        private void Add<TTransformer>(IEstimator<TTransformer> estimator)
            where TTransformer : ITransformer => Add(estimator.Fit(_view));

        private void Add(ITransformer transformer)
        {
            _transformers.Add(transformer);
            _view = transformer.Transform(_view);
        }

        private void AddPixels(string inputColumnName, ModelProto model)
        {
            DataViewSchema.Column column = _view.Schema.GetColumnOrNull(inputColumnName)
                ?? throw new ArgumentOutOfRangeException(
                    nameof(inputColumnName), $"Could not find input column '{inputColumnName}'");
            var shape = model.Graph.Input.Single().Type.TensorType.Shape.Dim;
            (long height, long width) = (shape[2].DimValue, shape[3].DimValue);
            long size = 3 * height * width;
            switch (column.Type)
            {
                case ImageDataViewType image when image.Height == height && image.Width == width:
                    Add(ml.Transforms.ExtractPixels(
                        ColumnNames.Pixels,
                        inputColumnName,
                        ImagePixelExtractingEstimator.ColorBits.Rgb,
                        ImagePixelExtractingEstimator.ColorsOrder.ARGB,
                        interleavePixelColors: false,
                        scaleImage: PixelColumn.Scale));
                    break;
                case VectorDataViewType vector when vector.Size == size && vector.ItemType.Equals(NumberDataViewType.Single):
                    if (inputColumnName != ColumnNames.Pixels)
                        Add(ml.Transforms.CopyColumns(ColumnNames.Pixels, inputColumnName));
                    break;
                default:
                    throw new ArgumentOutOfRangeException(
                        nameof(inputColumnName),
                        Invariant($"Schema mismatch for input column '{inputColumnName}': expected an image of {height}x{width} pixels ")
                        + Invariant($"or a vector of {size} Single, got {column.Type}"));
            }
        }

        private void AddNetwork(string modelFile, ModelProto model)
        {
            // The integer labels are for other users of the file: the pass-through finds them anew, as keys.
            string[] outputs =
            [
                .. from output in model.Graph.Output
                   where output.Type.TensorType.ElemType == (int)TensorProto.Types.DataType.Float
                   select output.Name,
            ];
            OnnxTelemetry.DisableEvents();
            Add(ml.Transforms.ApplyOnnxModel(outputs, [ColumnNames.Pixels], modelFile));
        }

        private void AddTask(ClassificationTask task)
        {
            (string score, string predictedLabel) = (ColumnNames.Score(task), ColumnNames.PredictedLabel(task));
            Add(PassThroughTrainer.Multiclass(ml, score, [.. task.Labels.Select(label => label.Name)]));
            Replace(score, ml.Transforms.CopyColumns(score, Score));
            Append(predictedLabel, ml.Transforms.CopyColumns(predictedLabel, PredictedLabel));
            string text = ColumnNames.PredictedLabelText(task);
            Append(text, ml.Transforms.Conversion.MapKeyToValue(text, predictedLabel));
        }

        /// <summary>Adds the column that carries the taxonomy, and hides it.</summary>
        private void AddTaxonomy(Taxonomy taxonomy)
        {
            string text = TaxonomyColumn.Name(taxonomy);
            IDataView json = ml.Data.LoadFromEnumerable([new KeyValueRow { Value = TaxonomyColumn.Value(taxonomy) }]);
            Add(ml.Transforms.Conversion.MapValueToKey(text, text, keyData: json));
            Add(ml.Transforms.Conversion.MapKeyToValue(text, ColumnNames.PredictedLabel(taxonomy.Tasks[^1])));
        }

        /// <summary>Makes the gates a plain vector; ONNX's own has the shape [1, gates].</summary>
        /// <returns>A column to drop at the end.</returns>
        private string AddGateAlphas()
        {
            const string Raw = AsidePrefix + ColumnNames.GateAlphas;
            Add(ml.Transforms.CopyColumns(Raw, ColumnNames.GateAlphas));
            Replace(ColumnNames.GateAlphas, ml.Transforms.Expression(ColumnNames.GateAlphas, Identity, Raw));
            return Raw;
        }

        private void AddScalar(string column)
        {
            Add(PassThroughTrainer.Scalar(ml, column));

            // An expression drops the annotations of a binary classifier's score, which this column is not.
            Replace(column, ml.Transforms.Expression(column, Identity, Score));
        }

        /// <summary>Adds a column as the last one; ML.NET would put it next to an input column of the same name.</summary>
        private void Append<TTransformer>(string column, IEstimator<TTransformer> estimator)
            where TTransformer : ITransformer
        {
            if (inputSchema.GetColumnOrNull(column) is null)
            {
                Add(estimator);
                return;
            }

            // So that there is something to drop also where the data to score lack the column.
            Add(ml.Transforms.CopyColumns(column, PredictedLabel));
            Replace(column, estimator);
        }

        /// <summary>Drops a raw output of the network first, so that its successor comes last and hides nothing.</summary>
        private void Replace<TTransformer>(string column, IEstimator<TTransformer> estimator)
            where TTransformer : ITransformer
        {
            Add(ml.Transforms.DropColumns(column));
            Add(estimator);
        }
    }

    private sealed class KeyValueRow
    {
        public string Value { get; set; } = "";
    }

    /// <summary>Columns without rows: estimators that learn nothing from rows are fitted on it.</summary>
    private sealed class SchemaOnlyDataView(DataViewSchema schema) : IDataView
    {
        public bool CanShuffle => false;

        public DataViewSchema Schema => schema;

        public long? GetRowCount() => 0;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            throw new NotSupportedException("This view has a schema only.");

        public DataViewRowCursor[] GetRowCursorSet(
            IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            throw new NotSupportedException("This view has a schema only.");
    }
}
