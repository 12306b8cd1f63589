using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tasks;
using Derm7pt.MLNet.Training;
using Derm7pt.MLNet.Training.Sampling;
using Microsoft.ML;
using static TorchSharp.torch;

namespace Derm7pt.MLNet;

/// <summary>
/// Trains the gated multi-task network of Coppola, Lee and Guan, <i>Interpreting Mechanisms of Prediction for Skin
/// Cancer Diagnosis Using Multi-Task Learning</i> (CVPR Workshops 2020).
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ### Input and Output Columns
/// | Column | Type | Description |
/// | -- | -- | -- |
/// | input `Image` (or as named) | image of known size, or vector of Single with dimensions (3, height, width) | RGB pixels; a vector is in [0, 1] |
/// | input `{Task}`, training only | key of UInt32 with all labels of the taxonomy | the true label; missing keys are excluded from the loss |
/// | `{Task}Score` | known-sized vector of Single | the probability of each label; slot names are the labels |
/// | `{Task}PredictedLabel` | key of UInt32 | the label with the highest probability; key values are the labels |
/// | `{Task}PredictedLabelText` | text | the predicted label as text |
/// | `GateAlphas` | known-sized vector of Single | the gates of all blocks, the same in every row: for each block [target task, source task, channel] in row-major order; slot names such as `Block1.Diagnosis<-PigmentNetwork[0]` |
/// | `SevenPointScore` | Single | the sum of the scores of the predicted labels, 0 to 10 |
/// | `MelanomaProbability` | Single | the probability of the diagnosis labels that mean melanoma |
///
/// ### Estimator Characteristics
/// |  |  |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes |
/// | Machine learning task | Multi-task multiclass classification |
/// | Is normalization required? | No |
/// | Is caching required? | No: images are decoded once and held as bytes. ML.NET's cache omits image columns, so it cannot be placed directly before this stage |
/// | Required NuGet in addition to Microsoft.ML | TorchSharp-cpu, TorchSharp-cuda-windows or TorchSharp-cuda-linux, to train; none to score |
/// | Exportable to ONNX | Yes, by `SaveAsOnnx` of the transformer: this stage alone, from pixels to its columns. ML.NET's `ConvertToOnnx` throws |
/// ]]></format>
/// This is research software, not a medical device.
/// </remarks>
/// <seealso cref="Derm7ptCatalog.Derm7ptMultiTask(TransformsCatalog, Options)"/>
public sealed partial class Derm7ptMultiTaskEstimator : IEstimator<Derm7ptMultiTaskTransformer>
{
    private readonly TransformsCatalog _catalog;
    private readonly Options _options;
    private readonly TrainingRecipe _recipe;
    private readonly EncoderFile? _encoder;
    private readonly NetworkSpec _network;

    internal Derm7ptMultiTaskEstimator(TransformsCatalog catalog, Options options)
    {
        OptionCheck.ThrowIfAny(options.Problems());
        (_catalog, _options, _recipe) = (catalog, options, options.Recipe);
        if (options.Network.Encoder is { } encoder)
        {
            _encoder = EncoderFile.Load(encoder, options.Network.InputSize);
            // The recipe is stored in the model, so it contains no local folder.
            _recipe = new TrainingRecipe
            {
                Network = new NetworkOptions(options.Network) { Encoder = encoder.Portable(_encoder.Encoder.File!.Sha256) },
                Training = options.Training,
            };
        }

        _network = options.Network.CreateNetwork(options.Taxonomy.Tasks.Select(task => task.Labels.Count), _encoder?.Encoder);
        string[] problems = [.. _network.Problems()];
        OptionCheck.ThrowIfAny(problems.Length > 0 ? problems : options.SizeProblems(_network));
        CheckInitialModel();
    }

    /// <summary>
    /// Reads all images once, trains the network, and keeps the weights of the best epoch. An interrupted training continues
    /// from its checkpoint; see <see cref="RuntimeOptions.CheckpointPath"/>.
    /// </summary>
    /// <param name="input">The training cases, with the image column and a label column for every task.</param>
    /// <exception cref="ArgumentOutOfRangeException">Columns are missing or have another type; the message lists all of them.</exception>
    /// <exception cref="InvalidDataException">
    /// Texts that are not labels have become missing labels, or an image cannot be read; the message names them.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The native libtorch is missing, there are no rows, labels have no case, the device is not available, the training diverged, or the
    /// checkpoint at <see cref="RuntimeOptions.CheckpointPath"/> belongs to another run.
    /// </exception>
    /// <exception cref="Derm7ptModelException">The file at <see cref="RuntimeOptions.CheckpointPath"/> is damaged or is not a checkpoint.</exception>
    /// <exception cref="IOException">The checkpoint cannot be read or written.</exception>
    /// <exception cref="OperationCanceledException">
    /// <see cref="RuntimeOptions.Cancellation"/> was canceled; the message states whether a checkpoint exists and where.
    /// </exception>
    public Derm7ptMultiTaskTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        TorchLibrary.Require();
        int? samplesPerLabel = CheckColumns(input);
        string? checkpoint = _options.Runtime.CheckpointPath;
        Checkpoint? found = checkpoint is null ? null : CheckpointFile.Find(checkpoint);
        Device device = Devices.Resolve(_options.Runtime.Device);
        (LabelTable labels, LabelTable? validationLabels) = ReadLabels(input);
        (int[] trainCases, int[] validationCases) = _options.Data.ValidationSet is null
            ? ValidationSplit.Draw(labels, _options.Training.ValidationFraction, _options.Training.Seed)
            : ([.. Enumerable.Range(0, labels.CaseCount)], []);
        IBatchSampler sampler = CreateSampler(labels.Subset(trainCases), samplesPerLabel);

        using TrainingReporter reporter = TrainingReporter.Create(_options.Runtime.Progress, _options.Runtime.LogTo, nameof(Derm7ptMultiTaskEstimator));
        Warn(reporter, labels, validationLabels);
        using LabelledImages all = ReadTraining(input, labels, reporter);
        using LabelledImages? validationSet = ReadValidation(all, reporter);
        reporter.ImagesDone();
        reporter.Warn(DataWarnings.SharedImages(all, validationSet));
        LabelledImages train = all.Subset(trainCases);
        LabelledImages? validation = validationSet ?? (validationCases.Length == 0 ? null : all.Subset(validationCases));
        MultiTaskModel model = Train(train, validation, sampler, FeatureBytes(all, validationSet), device, checkpoint, found, reporter);
        return new Derm7ptMultiTaskTransformer(model, _options.Data.ImageColumnName, input.Schema, _options.Runtime.ScoringBatchSize);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">Columns are missing or have another type; the message lists all of them.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var problems = new List<string>();
        if (!inputSchema.Any(column => column.Name == _options.Data.ImageColumnName))
            problems.Add($"Could not find image column '{_options.Data.ImageColumnName}'. Add LoadImages and ResizeImages before this stage.");
        foreach (ClassificationTask task in _options.Taxonomy.Tasks)
        {
            SchemaShape.Column[] found = [.. inputSchema.Where(column => column.Name == task.Name)];
            if (found is not [SchemaShape.Column column])
                problems.Add($"Could not find label column '{task.Name}'.");
            else if (!column.IsKey || column.Kind != SchemaShape.Column.VectorKind.Scalar)
            {
                problems.Add(
                    $"Schema mismatch for label column '{task.Name}': expected {LabelColumns.TypeOf(task)}, got {column.ItemType}." +
                    LabelColumns.Advice(column.ItemType));
            }
        }

        if (problems.Count > 0)
            throw new ArgumentOutOfRangeException(nameof(inputSchema), string.Join(Environment.NewLine, problems));

        IReadOnlyList<SchemaShape.Column> added = OutputShape.Create(_catalog, MultiTaskModel.CreateOutputs(_options.Taxonomy, _network));
        HashSet<string> replaced = [.. added.Select(column => column.Name)];
        return new SchemaShape(inputSchema.Where(column => !replaced.Contains(column.Name)).Concat(added));
    }

    private void CheckInitialModel()
    {
        if (_options.InitialModel is not { } initial)
            return;
        // Dropout has no weights, so its rate may differ.
        Dictionary<string, string> theirs = new(RunIdentity.Describe(initial.Model.Network with { Heads = _network.Heads }));
        Dictionary<string, string> ours = new(RunIdentity.Describe(_network));
        string[] differences = [.. RunIdentity.Differences(theirs, "InitialModel", ours, "the options")];
        if (differences.Length > 0)
            throw new ArgumentException($"InitialModel does not fit the network. {string.Join("; ", differences)}.");
    }

    /// <summary>Checks the columns of the training cases and of the validation set.</summary>
    /// <returns>The samples per label of balanced mini-batches; null without balanced sampling.</returns>
    private int? CheckColumns(IDataView input)
    {
        PixelColumn pixels = PixelColumn.Bind(input.Schema, _options.Data.ImageColumnName);
        int? samplesPerLabel = BalancedSamplingAnnotation.Read(LabelColumns.Bind(input.Schema, _options.Taxonomy));
        CheckImageSize(pixels);
        CheckValidationSet(pixels);
        return samplesPerLabel;
    }

    /// <summary>Reads the labels before the images, so that their problems are reported before any image is decoded.</summary>
    private (LabelTable Training, LabelTable? Validation) ReadLabels(IDataView input) => (
        LabelColumns.Read(input, _options.Taxonomy, DataRoles.Training),
        _options.Data.ValidationSet is { } data ? LabelColumns.Read(data, _options.Taxonomy, DataRoles.Validation) : null);

    private static void Warn(TrainingReporter reporter, LabelTable labels, LabelTable? validationLabels)
    {
        if (validationLabels is not null)
            reporter.Warn(DataWarnings.MissingLabels(validationLabels, DataRoles.Validation));
        reporter.Warn(DataWarnings.MissingLabels(labels, DataRoles.Training));
    }

    private void CheckImageSize(PixelColumn pixels)
    {
        int minimum = _network.MinimumImageExtent;
        if (pixels.Height > NetworkLimits.ImageExtent || pixels.Width > NetworkLimits.ImageExtent)
        {
            throw new ArgumentOutOfRangeException(
                nameof(pixels), Invariant($"{pixels.Width}×{pixels.Height}"),
                $"Images of column '{_options.Data.ImageColumnName}' are too large: expected at most " +
                Invariant($"{NetworkLimits.ImageExtent}×{NetworkLimits.ImageExtent} pixels, got {pixels.Width}×{pixels.Height}."));
        }

        if (pixels.Height < minimum || pixels.Width < minimum)
        {
            throw new ArgumentOutOfRangeException(
                nameof(pixels), Invariant($"{pixels.Width}×{pixels.Height}"),
                Invariant($"Images of column '{_options.Data.ImageColumnName}' are too small for {_network.BlockCount} blocks: expected at least ") +
                Invariant($"{minimum}×{minimum} pixels, got {pixels.Width}×{pixels.Height}."));
        }
    }

    private void CheckValidationSet(PixelColumn pixels)
    {
        if (_options.Data.ValidationSet is not { } data)
            return;
        LabelColumns.Bind(data.Schema, _options.Taxonomy, DataRoles.Validation);
        PixelColumn other = PixelColumn.Bind(data.Schema, _options.Data.ImageColumnName, DataRoles.Validation);
        if ((other.Height, other.Width) != (pixels.Height, pixels.Width))
        {
            throw new ArgumentOutOfRangeException(
                nameof(pixels), Invariant($"{other.Width}×{other.Height}"),
                Invariant($"Validation images have {other.Width}×{other.Height} pixels, training images {pixels.Width}×{pixels.Height}."));
        }
    }

    private LabelledImages ReadTraining(IDataView input, LabelTable labels, TrainingReporter reporter)
    {
        LabelledImages all = Read(input, DataRoles.Training, _options.Data.ImageCacheBytes, reporter);
        if (labels.Columns.Zip(all.Labels.Columns).All(pair => pair.First.SequenceEqual(pair.Second)))
            return all;
        all.Dispose();
        throw new InvalidOperationException(RowOrder.Changed);
    }

    /// <returns>Null where no set is given.</returns>
    private LabelledImages? ReadValidation(LabelledImages training, TrainingReporter reporter) => _options.Data.ValidationSet is { } data
        ? Read(data, DataRoles.Validation, _options.Data.ImageCacheBytes - training.MemoryBytes, reporter)
        : null;

    private LabelledImages Read(IDataView data, string role, long memoryBudget, TrainingReporter reporter) => LabelledImages.Read(
        data, _options.Data.ImageColumnName, _options.Taxonomy, role, memoryBudget, reporter.ImageRead, _options.Runtime.Cancellation);

    private IBatchSampler CreateSampler(LabelTable train, int? samplesPerLabel) => (samplesPerLabel, _options.Training) switch
    {
        ({ } samples, var training) => new BalancedSampler(train, samples, training.Seed, training.BatchesPerEpoch),
        (null, { BatchesPerEpoch: { } batches } training) => new ShuffledSampler(train.CaseCount, training.BatchSize, batches, training.Seed),
        (null, var training) => new EpochSampler(train.CaseCount, training.BatchSize, training.Seed),
    };

    /// <summary>Gets the number of bytes that features of a frozen encoder may take in memory: what the images leave.</summary>
    private long FeatureBytes(LabelledImages all, LabelledImages? validationSet) =>
        _options.Data.ImageCacheBytes - all.MemoryBytes - (validationSet?.MemoryBytes ?? 0);

    private MultiTaskModel Train(
        LabelledImages train, LabelledImages? validation, IBatchSampler sampler, long featureBytes, Device device, string? checkpoint, Checkpoint? found,
        TrainingReporter reporter)
    {
        using TorchNetwork network = CreateNetwork(device);
        using var trainer = new Trainer(
            network, _options.Training, sampler, ILossCombination.Create(_options.Training.LossCombination), featureBytes);
        TrainingHistory history;
        if (checkpoint is { } path)
        {
            RunIdentity identity = RunIdentity.Create(
                _options.Taxonomy, _recipe, sampler.Description, train, validation, _options.InitialModel?.Model.Members[0].State,
                Processor(device));
            var run = new CheckpointedRun(path, _options.Runtime.CheckpointEveryEpochs, identity, _options.Training.MaximumEpochs, found);
            if (found is not null)
            {
                reporter.Resuming(path, found.State.Epochs.Count);
                reporter.Warn(identity.Warnings(found.Run));
            }

            history = run.Run(trainer, train, validation, reporter.Report, _options.Runtime.Cancellation);
        }
        else
        {
            history = trainer.Run(train, validation, epochDone: null, reporter.Report, _options.Runtime.Cancellation);
        }

        return new MultiTaskModel(
            _options.Taxonomy, _network, train.Height, train.Width, [new ModelMember(network.Capture(), history) { Recipe = _recipe }])
        {
            TrainingDetails = new Dictionary<string, string>
            {
                ["Sampling"] = sampler.Description,
                ["Device"] = device.type.ToString(),
            },
        };
    }

    /// <summary>Describes the processor properties that determine the last digits of a run; <see langword="null"/> on other devices.</summary>
    private string? Processor(Device device)
    {
        if (device.type != TorchSharp.DeviceType.CPU)
            return null;
        // Torch's operators divide sums among threads, so that results depend on the number of threads.
        return _network.Encoder.NeedsTorchThreads ? Invariant($"{ProcessorKind.Current}, {get_num_threads()} threads") : ProcessorKind.Current;
    }

    private TorchNetwork CreateNetwork(Device device)
    {
        var network = new TorchNetwork(_network, SeedSequence.Derive(_options.Training.Seed, SeedSequence.Purpose.Weights), device);
        if (_options.InitialModel is { } initial)
            network.Restore(initial.Model.Members[0].State);
        else if (_encoder is not null)
            network.RestorePart(NetworkSpec.EncoderPath, _encoder.Weights);
        return network;
    }
}
