using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Interpretation;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet;

/// <summary>
/// Predicts the seven criteria of the 7-point checklist and the diagnosis, and describes how the tasks share features.
/// </summary>
/// <remarks>
/// The columns are listed at <see cref="Derm7ptMultiTaskEstimator"/>. Scoring runs on ONNX Runtime, in batches, and requires
/// neither label columns nor libtorch. A transformer can be used by several threads concurrently. Dispose it after use.
/// </remarks>
public sealed partial class Derm7ptMultiTaskTransformer : ITransformer, IDisposable
{
    private readonly MultiTaskModel _model;
    private readonly FittedInput _input;
    private readonly int _scoringBatchSize;
    private readonly byte[] _onnx;
    private readonly float[] _gateAlphas;
    private readonly OnnxScorer _scorer;
    private readonly OutputLayout _outputs;

    internal Derm7ptMultiTaskTransformer(MultiTaskModel model, string imageColumnName, DataViewSchema fitSchema, int scoringBatchSize)
        : this(model, FittedInput.Of(fitSchema, imageColumnName, model.Taxonomy), scoringBatchSize)
    {
    }

    internal Derm7ptMultiTaskTransformer(SavedModel saved, int scoringBatchSize)
        : this(saved.Model, saved.Input, saved.Onnx, scoringBatchSize)
    {
    }

    private Derm7ptMultiTaskTransformer(MultiTaskModel model, FittedInput input, int scoringBatchSize)
        : this(model, input, ModelFile.Write(model, input), scoringBatchSize)
    {
    }

    private Derm7ptMultiTaskTransformer(MultiTaskModel model, FittedInput input, byte[] onnx, int scoringBatchSize)
    {
        (_model, _input, _onnx, _scoringBatchSize) = (model, input, onnx, scoringBatchSize);
        (_outputs, Recipe) = (model.Outputs, model.Recipe);
        _scorer = new OnnxScorer(_onnx, _outputs, model.ImageHeight, model.ImageWidth, GetType());
        _gateAlphas = _scorer.Gates();
    }

    /// <summary>The tasks and their labels.</summary>
    public Taxonomy Taxonomy => _model.Taxonomy;

    /// <summary>
    /// The number of networks over which the model averages its probabilities: more than 1 for an ensemble, which
    /// <see cref="Derm7ptCatalog.CombineDerm7pt"/> creates.
    /// </summary>
    public int MemberCount => _model.Members.Length;

    /// <summary>The measures of each epoch of the training; without epochs for an ensemble, see <see cref="MemberHistories"/>.</summary>
    public TrainingHistory History => _model.History;

    /// <summary>The measures of the training of each member; one history if the model is not an ensemble.</summary>
    public IReadOnlyList<TrainingHistory> MemberHistories => field ??= [.. _model.Members.Select(member => member.History)];

    /// <summary>Gets a value that indicates whether the tasks share features through gates, which <see cref="Gates"/> interprets.</summary>
    public bool HasGates => _outputs.Gates is not null;

    /// <summary>
    /// The interpretation of the gates: the features that each task uses of every other task. The gates of an ensemble are the means of
    /// those of its members.
    /// </summary>
    /// <exception cref="InvalidOperationException">The network has no gates; see <see cref="HasGates"/>.</exception>
    public GateInterpretation Gates => field ??= new GateInterpretation(
        Taxonomy, [.. _model.Network.Channels], AlphasOfBlocks(), History);

    /// <summary>
    /// The options of the network and its training; <see langword="null"/> if the model was first saved by a version that did not
    /// store them. An ensemble has the recipe of its first member, or <see langword="null"/> if the recipes of its members differ in
    /// more than the seed.
    /// </summary>
    public TrainingRecipe? Recipe { get; }

    /// <summary>
    /// Further details of the training, for display: how mini-batches were drawn, and the device. If <see cref="Recipe"/> is
    /// <see langword="null"/>, they include the options.
    /// </summary>
    public IReadOnlyDictionary<string, string> TrainingDetails => _model.TrainingDetails;

    /// <summary>
    /// What the network reads of an image, and the feature extractor between the image and the first block, for display: by name and as
    /// text, in a fixed order. For an extractor from a file, its origin, license and checksum are among them.
    /// </summary>
    public IReadOnlyDictionary<string, string> InputDetails =>
        new OrderedDictionary<string, string>(_model.Network.DescribeInput(ImageHeight, ImageWidth));

    /// <summary>The number of learned values: weights, biases and gates, of all members.</summary>
    public long ParameterCount => _model.Network.LearnedCount * MemberCount;

    /// <summary>The number of convolution blocks, which is also the number of gate blocks.</summary>
    public int BlockCount => _model.Network.BlockCount;

    /// <summary>The height of the input images in pixels.</summary>
    public int ImageHeight => _model.ImageHeight;

    /// <summary>The width of the input images in pixels.</summary>
    public int ImageWidth => _model.ImageWidth;

    bool ITransformer.IsRowToRowMapper => true;

    /// <summary>The model, from whose state a training can start.</summary>
    internal MultiTaskModel Model => _model;

    /// <inheritdoc cref="Derm7ptCatalog.CombineDerm7pt"/>
    internal static Derm7ptMultiTaskTransformer Combine(IReadOnlyList<Derm7ptMultiTaskTransformer> models, bool? testTimeAugmentation)
    {
        SavedModel ensemble = Ensemble.Combine([.. models.Select(one => one._model)], models.Count == 0 ? null : models[0]._input, testTimeAugmentation);
        return new Derm7ptMultiTaskTransformer(ensemble, models[0]._scoringBatchSize);
    }

    /// <summary>
    /// Writes the model in ONNX format. Its input is pixels <c>[N, 3, H, W]</c>, RGB in [0, 1]; its outputs are the columns of this stage.
    /// </summary>
    /// <remarks>This method replaces ML.NET's <c>ConvertToOnnx</c>, which cannot convert stages of other libraries.</remarks>
    /// <param name="path">The file; an existing file is replaced only after the new content has been written completely.</param>
    public void SaveAsOnnx(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        AtomicFile.Write(path, _onnx);
    }

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        BindPixels(inputSchema);
        return BindColumns(inputSchema).OutputSchema;
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The caller is ML.NET's <c>ConvertToOnnx</c>; use <see cref="SaveAsOnnx"/>.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        OnnxConversion.ThrowIfCalledByConverter();
        return new ScoredDataView(input, BindPixels(input.Schema), BindColumns(input.Schema), _scorer, _scoringBatchSize);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new PredictionMapper(BindPixels(inputSchema), BindColumns(inputSchema), _scorer);
    }

    /// <summary>Frees the scoring session. The transformer cannot score afterward.</summary>
    public void Dispose() => _scorer.Dispose();

    // The saved model is a chain of ML.NET's own stages, so that Model.Load can read it without this library.
    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        using SavedPipeline pipeline = SavedPipeline.Build(
            _input.ToSchema(ImageHeight, ImageWidth), _input.ImageColumnName, _onnx, _outputs);
        pipeline.Save(ctx);
    }

    private PixelColumn BindPixels(DataViewSchema schema)
    {
        PixelColumn pixels = PixelColumn.Bind(schema, _input.ImageColumnName);
        if (pixels.Height != ImageHeight || pixels.Width != ImageWidth)
        {
            throw new ArgumentOutOfRangeException(
                nameof(schema), Invariant($"{pixels.Width}×{pixels.Height}"),
                Invariant($"Schema mismatch for image column '{_input.ImageColumnName}': expected {ImageWidth}×{ImageHeight} pixels, ") +
                Invariant($"got {pixels.Width}×{pixels.Height}."));
        }

        return pixels;
    }

    private PredictionColumns BindColumns(DataViewSchema schema) => new(schema, _outputs, _gateAlphas);

    private float[][] AlphasOfBlocks()
    {
        int tasks = Taxonomy.Tasks.Count, start = 0;
        var blocks = new List<float[]>();
        foreach (int channels in HasGates ? _model.Network.Channels : [])
        {
            int count = tasks * tasks * channels;
            blocks.Add(_gateAlphas[start..(start + count)]);
            start += count;
        }

        return blocks.Count > 0
            ? [.. blocks]
            : throw new InvalidOperationException($"The network shares features by {_model.Network.Sharing.GetType().Name}, which has no gates.");
    }
}
