using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Derm7pt.MLNet.Network;

namespace Derm7pt.MLNet.Persistence;

/// <summary>The inverse of <see cref="ModelFile.Write"/>, for files that anybody may have made.</summary>
/// <remarks>
/// First the small descriptions (tasks, sizes) are read and held against <see cref="ModelLimits"/>. They say which tensors
/// there must be and how large, so that memory is taken only for what is there and fits. The file's graph is never run.
/// </remarks>
internal sealed class ModelReader
{
    /// <summary>
    /// How far a folded value may be from the one that the state gives, as a part of its tensor's largest one: the
    /// rounding of another machine, no more.
    /// </summary>
    private const double FoldingTolerance = 1e-4;

    private const string Gates = "gates";

    private readonly OnnxGraphReader _file;
    private readonly OrderedDictionary<string, OnnxTensor> _tensors;

    private readonly int _version;

    private ModelReader(OnnxGraphReader file, int version) => (_file, _version, _tensors) = (file, version, file.Tensors());

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">The file is something else, damaged, newer, or contradicts itself.</exception>
    public static SavedModel Read(ReadOnlyMemory<byte> onnx)
    {
        OnnxGraphReader file = Open(onnx);
        int version = ReadVersion(file);
        if (!ModelFile.IsWhole(onnx.Span))
            throw new FormatException("it is damaged: its content does not have the checksum that it was written with.");

        (MultiTaskModel model, FittedInput input) = new ModelReader(file, version).Read();
        try
        {
            return new SavedModel(model, input, ModelFile.Write(model, input));
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"no graph can be made of it: {e.Message}", e);
        }
    }

    private static OnnxGraphReader Open(ReadOnlyMemory<byte> onnx)
    {
        try
        {
            return OnnxGraphReader.Open(onnx);
        }
        catch (FormatException e)
        {
            throw new FormatException($"it is neither a model that ML.NET saved nor an ONNX model, or it is damaged: {e.Message}", e);
        }
    }

    private static int ReadVersion(OnnxGraphReader file)
    {
        if (!file.IsOwn)
            throw new FormatException("it is an ONNX model that Derm7pt.MLNet did not write, or only a part of one that it wrote.");
        string text = file.MetadataText(OnnxGraphWriter.FormatVersionKey);
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int version) || version < 1)
            throw new FormatException($"its format version must be a number from 1 on, got '{Shorten(text)}'.");
        if (version > OnnxGraphWriter.FormatVersion)
        {
            throw new FormatException(
                $"it was written by a newer version of Derm7pt.MLNet: it has format {version}, this version reads formats up to "
                + $"{OnnxGraphWriter.FormatVersion}.");
        }

        return version;
    }

    private (MultiTaskModel Model, FittedInput Input) Read()
    {
        Taxonomy taxonomy = ReadTaxonomy();
        NetworkShape shape = ReadShape(taxonomy);
        (int height, int width) = ReadImageSize(shape);
        FittedInput input = ReadInput(taxonomy);
        TrainingHistory history = ReadHistory(shape);
        IReadOnlyDictionary<string, string> trainingOptions = ReadTrainingOptions();
        long parameterCount = ReadParameterCount(shape);
        ImmutableArray<NamedTensor> state = ReadState(shape);
        FoldedNetwork folded = ReadFolded(NetworkFolding.Fold(shape, state, height, width));
        double bound = ActivationBound.Of(folded);
        if (!(bound <= ModelLimits.Activation))
        {
            throw new FormatException(
                $"its weights are so large that scores may not be numbers: values of up to {bound:G2} can occur, at most "
                + $"{ModelLimits.Activation:G2} are allowed.");
        }

        var model = new MultiTaskModel(taxonomy, shape, folded, state, history, parameterCount) { TrainingOptions = trainingOptions };
        return (model, input);
    }

    private Taxonomy ReadTaxonomy()
    {
        Taxonomy taxonomy;
        try
        {
            taxonomy = TaxonomyJson.Read(_file.Metadata(OnnxGraphWriter.TaxonomyKey), variant: null);
        }
        catch (FormatException e)
        {
            throw new FormatException($"its tasks cannot be read: {e.Message}", e);
        }

        Require(
            taxonomy.Tasks.Count <= ModelLimits.Tasks && taxonomy.LabelCount <= ModelLimits.Labels,
            $"it has {taxonomy.Tasks.Count} tasks and {taxonomy.LabelCount} labels, at most {ModelLimits.Tasks} and {ModelLimits.Labels} are allowed.");
        foreach (string name in taxonomy.Tasks.SelectMany(task => task.Labels.Select(label => label.Name).Prepend(task.Name)))
            RequireName(name);
        return taxonomy;
    }

    private NetworkShape ReadShape(Taxonomy taxonomy)
    {
        NetworkShape shape = ReadJson<NetworkShape>(ModelFile.ShapeKey);
        Require(!shape.LabelCounts.IsDefault && !shape.Filters.IsDefault, "the sizes of its network are missing.");
        int[] labels = [.. taxonomy.Tasks.Select(task => task.Labels.Count)];
        Require(
            shape.LabelCounts.SequenceEqual(labels),
            $"its tasks have [{string.Join(", ", labels)}] labels, its network gives [{Shorten(string.Join(", ", shape.LabelCounts))}].");
        Require(
            shape.Filters.Length is > 0 and <= ModelLimits.Blocks,
            $"its network has {shape.Filters.Length} blocks, from 1 to {ModelLimits.Blocks} are allowed.");
        Require(
            shape.Filters.All(filters => filters is > 0 and <= ModelLimits.Filters),
            $"its network has [{string.Join(", ", shape.Filters)}] filters, from 1 to {ModelLimits.Filters} a block are allowed.");
        long gates = (long)shape.TaskCount * shape.TaskCount * shape.Filters.Sum();
        Require(gates <= ModelLimits.Gates, $"its network has {gates} gates, at most {ModelLimits.Gates} are allowed.");
        Require(
            shape.GateSteepness > 0 && double.IsFinite(shape.GateSteepness) && shape.Dropout is >= 0 and < 1,
            $"its network has a gate steepness of {shape.GateSteepness} and a dropout of {shape.Dropout}; expected one above 0 and one in [0, 1).");
        return shape;
    }

    private (int Height, int Width) ReadImageSize(NetworkShape shape)
    {
        ImmutableArray<long> input = _file.InputShape();
        if (input is not [_, NetworkShape.PixelChannels, > 0 and <= ModelLimits.ImageExtent, > 0 and <= ModelLimits.ImageExtent])
        {
            throw new FormatException(
                $"its input must have the dimensions [N, 3, height, width], at most {ModelLimits.ImageExtent} pixels each way, "
                + $"got [{string.Join(", ", input)}].");
        }

        (int height, int width) = ((int)input[2], (int)input[3]);
        Require(
            shape.FinalExtent(height) > 0 && shape.FinalExtent(width) > 0,
            $"its images of {width}×{height} pixels are too small for {shape.BlockCount} blocks.");
        return (height, width);
    }

    private FittedInput ReadInput(Taxonomy taxonomy)
    {
        FittedInput input = ReadJson<FittedInput>(ModelFile.InputKey);
        RequireName(input.ImageColumnName);
        Require(!input.OtherColumns.IsDefault, "the names of its other input columns are missing.");
        HashSet<string> known = [.. SavedPipeline.SensitiveNames(taxonomy)];
        Require(
            input.OtherColumns.All(name => name != input.ImageColumnName && known.Remove(name)),
            "the names of its other input columns are unknown or occur twice.");
        return input;
    }

    private TrainingHistory ReadHistory(NetworkShape shape)
    {
        TrainingHistory history = ReadJson<TrainingHistory>(ModelFile.HistoryKey, ModelLimits.HistoryBytes);
        int last = EpochCheck.LastOf(history.Epochs, shape);
        Require(
            history.BestEpoch >= 0 && history.BestEpoch <= last,
            $"the best epoch of its history is {history.BestEpoch}, and the last one is {last}.");
        return history;
    }

    private Dictionary<string, string> ReadTrainingOptions()
    {
        var options = ReadJson<Dictionary<string, string>>(ModelFile.TrainingOptionsKey);
        Require(
            options.Count <= ModelLimits.TrainingOptions && options.All(option => option.Value is not null),
            $"it must have at most {ModelLimits.TrainingOptions} training options, each with a value.");
        return options;
    }

    private long ReadParameterCount(NetworkShape shape)
    {
        string text = _file.MetadataText(ModelFile.ParameterCountKey);
        long expected = NetworkStateLayout.ParameterCount(shape);
        Require(
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count == expected,
            $"it must have {expected} parameters, got '{Shorten(text)}'.");
        return expected;
    }

    private ImmutableArray<NamedTensor> ReadState(NetworkShape shape)
    {
        IReadOnlyDictionary<string, ImmutableArray<long>> shapes = NetworkStateLayout.Shapes(shape);
        var state = ImmutableArray.CreateBuilder<NamedTensor>(shapes.Count);
        foreach ((string fullName, OnnxTensor tensor) in _tensors)
        {
            if (!fullName.StartsWith(ModelFile.StatePrefix, StringComparison.Ordinal))
                continue;
            string name = fullName[ModelFile.StatePrefix.Length..];
            if (!shapes.TryGetValue(name, out ImmutableArray<long> expected))
                throw new FormatException($"tensor '{Shorten(fullName)}' is not one of this network.");
            state.Add(new NamedTensor(name, expected, tensor.Values(expected)));
        }

        // Names are distinct, so that what is not missing is there once.
        string? missing = shapes.Keys.Except(state.Select(tensor => tensor.Name)).FirstOrDefault();
        Require(missing is null, $"tensor '{ModelFile.StatePrefix}{missing}' is missing.");
        NamedTensor? negative = state.FirstOrDefault(
            tensor => tensor.Name.EndsWith("running_var", StringComparison.Ordinal) && tensor.Values.Any(value => value < 0));
        Require(negative is null, $"tensor '{ModelFile.StatePrefix}{negative?.Name}' holds a negative variance.");
        return state.DrainToImmutable();
    }

    /// <summary>Reads the folded tensors, which must be what the state gives.</summary>
    private FoldedNetwork ReadFolded(FoldedNetwork expected)
    {
        FoldedHead head = expected.Head;
        return expected with
        {
            Blocks =
            [
                .. expected.Blocks.Select(block => block with
                {
                    MixKernel = block.MixKernel is null ? null : Tensor(block.MixKernel),
                    MixBias = block.MixBias is null ? null : Tensor(block.MixBias),
                    Kernel = Kernel(block),
                }),
            ],
            Head = new FoldedHead(
                Tensor(head.MixKernel),
                Tensor(head.MixBias),
                // Written as the kernel of a convolution.
                Tensor(head.DenseKernel, [.. head.DenseKernel.Shape, 1, 1]),
                Tensor(head.DenseBias),
                [.. head.LogitsKernels.Select(kernel => Tensor(kernel))],
                [.. head.LogitsBiases.Select(bias => Tensor(bias))]),
            GateAlphas = ReadGates(expected.GateAlphas),
        };
    }

    private NamedTensor Kernel(FoldedBlock block) => _version == 1
        ? Tensor(block.Kernel)
        : block.Kernel with { Values = MergedGroups.Split(block, Tensor(MergedGroups.Merge(block).Kernel).Values) };

    private ImmutableArray<NamedTensor> ReadGates(ImmutableArray<NamedTensor> expected)
    {
        float[] values = [.. expected.SelectMany(block => block.Values)];
        float[] gates = Tensor(new NamedTensor(Gates, [1, values.Length], values)).Values;
        var blocks = ImmutableArray.CreateBuilder<NamedTensor>(expected.Length);
        int start = 0;
        foreach (NamedTensor block in expected)
        {
            blocks.Add(block with { Values = gates[start..(start + block.Values.Length)] });
            start += block.Values.Length;
        }

        return blocks.MoveToImmutable();
    }

    private NamedTensor Tensor(NamedTensor expected, ImmutableArray<long>? writtenShape = null)
    {
        if (!_tensors.TryGetValue(expected.Name, out OnnxTensor? tensor))
            throw new FormatException($"tensor '{expected.Name}' is missing.");
        float[] values = tensor.Values(writtenShape ?? expected.Shape);
        double largest = expected.Values.Max(value => Math.Abs((double)value));
        for (int i = 0; i < values.Length; i++)
        {
            // Written so that it fails too where the state gives no number.
            if (!(Math.Abs((double)values[i] - expected.Values[i]) <= FoldingTolerance * largest))
            {
                throw new FormatException(
                    $"tensor '{expected.Name}' holds {values[i]} at position {i}, its unfolded weights give {expected.Values[i]}.");
            }
        }

        return expected with { Values = values };
    }

    private T ReadJson<T>(string key, int maximumBytes = ModelLimits.MetadataBytes)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(_file.Metadata(key, maximumBytes), ModelFile.Json)
                ?? throw new FormatException($"the metadata entry '{key}' is null.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"the metadata entry '{key}' cannot be read: {e.Message}", e);
        }
    }

    private static void RequireName(string name) => Require(
        !string.IsNullOrWhiteSpace(name) && name.Length <= ModelLimits.NameLength && !name.Any(char.IsControl),
        $"a name must have 1 to {ModelLimits.NameLength} characters and no control characters, got '{Shorten(name)}'.");

    private static string Shorten(string text) => text.Length <= 80 ? text : $"{text[..80]}…";

    private static void Require(bool condition, string problem)
    {
        if (!condition)
            throw new FormatException(problem);
    }
}
