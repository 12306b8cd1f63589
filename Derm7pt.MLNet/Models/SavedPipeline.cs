using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Derm7pt.MLNet.Models;

/// <summary>
/// Represents a chain of ML.NET's own transformers that computes the stage's columns with ONNX Runtime. A model file contains
/// this chain, so that <c>mlContext.Model.Load</c> can read it without this library and without libtorch.
/// </summary>
/// <remarks>
/// The chain depends on the columns of the training data in one respect: ML.NET's stages require columns named <c>Score</c>,
/// <c>PredictedLabel</c> and <c>Pixels</c>. Input columns with these names are renamed and restored, and are therefore required
/// for scoring too. Such columns are lost if the training data did not have them. Columns that they hide remain hidden.
/// </remarks>
internal sealed class SavedPipeline : IDisposable
{
    private const string Score = "Score";
    private const string PredictedLabel = "PredictedLabel";
    private const string Identity = "x : x";

    // The prefix is unlikely to occur in the names of users' columns.
    private const string AsidePrefix = "derm7pt.aside.";

    private readonly TransformerChain<ITransformer> _chain;

    private SavedPipeline(TransformerChain<ITransformer> chain, string modelFile)
    {
        (_chain, ModelFile) = (chain, modelFile);
    }

    /// <summary>The chain. It is valid until this object is disposed.</summary>
    public ITransformer Transformer => _chain;

    /// <summary>The temporary file of the network, which exists until this object is disposed.</summary>
    public string ModelFile { get; }

    /// <summary>Gets the names of input columns whose presence changes the chain, other than the column of pixels.</summary>
    public static IEnumerable<string> SensitiveNames(Taxonomy taxonomy) =>
    [
        Score,
        PredictedLabel,
        ColumnNames.Pixels,
        // Files of earlier versions had these two for every taxonomy.
        .. OutputLayout.Create(taxonomy, [1]).Columns.Select(column => column.Name).Union([ColumnNames.GateAlphas, ColumnNames.SevenPointScore]),
    ];

    /// <summary>Builds the chain.</summary>
    /// <param name="inputSchema">The columns of the training data.</param>
    /// <param name="inputColumnName">The name of the column of images or of pixel vectors.</param>
    /// <param name="onnxModel">A model file.</param>
    /// <param name="layout">The columns that its graph computes.</param>
    /// <exception cref="ArgumentException">The input column is missing or does not have the network's image size.</exception>
    /// <exception cref="IOException">The temporary folder cannot be written.</exception>
    public static SavedPipeline Build(DataViewSchema inputSchema, string inputColumnName, byte[] onnxModel, OutputLayout layout)
    {
        // ML.NET copies the model from this file when it saves, so the file must exist as long as the chain. A separate
        // context keeps the log messages of about thirty small trainings out of the user's log.
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

    /// <summary>Writes the chain to a model file.</summary>
    public void Save(ModelSaveContext context) => ((ICanSaveModel)_chain).Save(context);

    /// <inheritdoc/>
    public void Dispose()
    {
        _chain.Dispose();
        File.Delete(ModelFile);
    }

    /// <summary>Collects the transformers of the chain and the schema that they produce.</summary>
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

            // ML.NET inserts a column after the column of the same name that it hides, so these columns return to their positions.
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
            // The chain does not use the integer labels, because the pass-through models compute the labels as keys.
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

        /// <summary>Adds the column of the taxonomy, and hides it.</summary>
        private void AddTaxonomy(Taxonomy taxonomy)
        {
            string text = TaxonomyColumn.Name(taxonomy);
            IDataView json = ml.Data.LoadFromEnumerable([new KeyValueRow { Value = TaxonomyColumn.Value(taxonomy) }]);
            Add(ml.Transforms.Conversion.MapValueToKey(text, text, keyData: json));
            Add(ml.Transforms.Conversion.MapKeyToValue(text, ColumnNames.PredictedLabel(taxonomy.Tasks[^1])));
        }

        /// <summary>Converts the gates to a vector; the ONNX output has the shape [1, gates].</summary>
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

            // The expression removes the annotations of a binary classifier's score, which do not apply to this column.
            Replace(column, ml.Transforms.Expression(column, Identity, Score));
        }

        /// <summary>Adds a column at the end; ML.NET would insert it after an input column of the same name.</summary>
        private void Append<TTransformer>(string column, IEstimator<TTransformer> estimator)
            where TTransformer : ITransformer
        {
            if (inputSchema.GetColumnOrNull(column) is null)
            {
                Add(estimator);
                return;
            }

            // The column is created so that it can be dropped if the data to score do not have it.
            Add(ml.Transforms.CopyColumns(column, PredictedLabel));
            Replace(column, estimator);
        }

        /// <summary>Drops a raw output of the network before its replacement is added, so that the replacement is last and hides no column.</summary>
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

    /// <summary>Represents columns without rows, on which estimators that do not read rows are fitted.</summary>
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
