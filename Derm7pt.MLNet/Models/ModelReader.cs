using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Onnx;
using Derm7pt.MLNet.Tasks;
using Derm7pt.MLNet.Training;

namespace Derm7pt.MLNet.Models;

/// <summary>Reads files that <see cref="ModelFile.Write"/> has written. Files are not trusted.</summary>
/// <remarks>
/// The small descriptions (tasks, sizes) are read first and compared with <see cref="ModelLimits"/>. They determine the expected
/// tensors and their sizes, so that memory is allocated only for tensors that match. The graph of the file is never run.
/// </remarks>
internal sealed class ModelReader
{
    private readonly OnnxGraphReader _file;
    private readonly OrderedDictionary<string, OnnxTensor> _tensors;

    // Tensors that the members of an ensemble share are read once, so that a small file cannot request many copies of them.
    private readonly Dictionary<string, NamedTensor> _shared = [];

    private readonly int _version;

    private ModelReader(OnnxGraphReader file, int version) => (_file, _version, _tensors) = (file, version, file.Tensors());

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">The file is not a model file, is damaged, has a newer format, or is inconsistent.</exception>
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
        string text = file.MetadataText(ModelFile.FormatVersionKey);
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int version) || version < 1)
            throw new FormatException($"its format version must be a number from 1 on, got '{Shorten(text)}'.");
        if (version > ModelFile.FormatVersion)
        {
            throw new FormatException(
                Invariant($"it was written by a newer version of Derm7pt.MLNet: it has format {version}, this version reads formats up to ")
                + $"{ModelFile.FormatVersion}.");
        }

        return version;
    }

    private (MultiTaskModel Model, FittedInput Input) Read()
    {
        Taxonomy taxonomy = ReadTaxonomy();
        NetworkSpec network = _version < 3 ? ReadShape() : ReadNetwork();
        CheckNetwork(network, taxonomy);
        (int height, int width) = ReadImageSize(network);
        FittedInput input = ReadInput(taxonomy);
        var model = new MultiTaskModel(taxonomy, network, height, width, ReadMembers(network)) { TrainingDetails = ReadTrainingDetails() };
        return (model, input);
    }

    private ImmutableArray<ModelMember> ReadMembers(NetworkSpec network)
    {
        if (!_file.HasMetadata(ModelFile.MemberCountKey))
            return [ReadMember(network, index: null)];
        string text = _file.MetadataText(ModelFile.MemberCountKey);
        bool isCount = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count);
        Require(
            isCount && count is > 1 and <= ModelLimits.Members,
            $"the number of its members must be from 2 to {ModelLimits.Members}, got '{Shorten(text)}'.");
        return [.. Enumerable.Range(0, count).Select(index => ReadMember(network, index))];
    }

    private ModelMember ReadMember(NetworkSpec network, int? index) =>
        new(ReadState(network, index), ReadHistory(network, index)) { Recipe = ReadRecipe(network, index) };

    private Taxonomy ReadTaxonomy()
    {
        Taxonomy taxonomy;
        try
        {
            taxonomy = TaxonomyJson.Read(_file.Metadata(ModelFile.TaxonomyKey).ToArray(), isStored: true);
        }
        catch (FormatException e)
        {
            throw new FormatException($"its tasks cannot be read: {e.Message}", e);
        }

        Require(
            taxonomy.Tasks.Count <= ModelLimits.Tasks && taxonomy.LabelCount <= ModelLimits.Labels,
            Invariant($"it has {taxonomy.Tasks.Count} tasks and {taxonomy.LabelCount} labels, at most {ModelLimits.Tasks} and {ModelLimits.Labels} are allowed."));
        foreach (string name in taxonomy.Tasks.SelectMany(task => task.Labels.Select(label => label.Name).Prepend(task.Name)))
            RequireName(name);
        return taxonomy;
    }

    /// <summary>Reads the network of a file of format 1 or 2, which describes the network of the paper by its sizes.</summary>
    private NetworkSpec ReadShape()
    {
        OldShape shape = ReadJson(ModelFile.ShapeKey, ModelJson.Default.OldShape);
        Require(!shape.LabelCounts.IsDefault && !shape.Filters.IsDefault, "the sizes of its network are missing.");
        return NetworkSpec.Gated(shape.LabelCounts, shape.Filters, shape.Gates, shape.GateSteepness, shape.Dropout);
    }

    private NetworkSpec ReadNetwork()
    {
        try
        {
            NetworkSpec network = JsonSerializer.Deserialize(_file.Metadata(ModelFile.NetworkKey), NetworkJson.Default.NetworkSpec)
                ?? throw new FormatException("the description of its network is missing.");
            Require(!network.LabelCounts.IsDefault && !network.Blocks.IsDefault, "the sizes of its network are missing.");
            return network;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            throw new FormatException($"the description of its network cannot be read: {e.Message}", e);
        }
    }

    private static void CheckNetwork(NetworkSpec network, Taxonomy taxonomy)
    {
        int[] labels = [.. taxonomy.Tasks.Select(task => task.Labels.Count)];
        Require(
            network.LabelCounts.SequenceEqual(labels),
            $"its tasks have [{string.Join(", ", labels)}] labels, its network gives [{Shorten(string.Join(", ", network.LabelCounts))}].");
        string? problem = network.Problems().FirstOrDefault();
        Require(problem is null, $"its network is not possible: {problem}");
    }

    private (int Height, int Width) ReadImageSize(NetworkSpec network)
    {
        ImmutableArray<long> input = _file.InputShape();
        if (input is not [_, NetworkSpec.PixelChannels, > 0 and <= NetworkLimits.ImageExtent, > 0 and <= NetworkLimits.ImageExtent])
        {
            throw new FormatException(
                $"its input must have the dimensions [N, 3, height, width], at most {NetworkLimits.ImageExtent} pixels each way, "
                + $"got [{string.Join(", ", input)}].");
        }

        (int height, int width) = ((int)input[2], (int)input[3]);
        Require(
            network.Accepts(height) && network.Accepts(width),
            Invariant($"its images of {width}×{height} pixels are too small for {network.BlockCount} blocks."));
        return (height, width);
    }

    private FittedInput ReadInput(Taxonomy taxonomy)
    {
        FittedInput input = ReadJson(ModelFile.InputKey, ModelJson.Default.FittedInput);
        RequireName(input.ImageColumnName);
        Require(!input.OtherColumns.IsDefault, "the names of its other input columns are missing.");
        HashSet<string> known = [.. SavedPipeline.SensitiveNames(taxonomy)];
        Require(
            input.OtherColumns.All(name => name != input.ImageColumnName && known.Remove(name)),
            "the names of its other input columns are unknown or occur twice.");
        return input;
    }

    private TrainingHistory ReadHistory(NetworkSpec network, int? member)
    {
        string key = ModelFile.MemberKey(ModelFile.HistoryKey, member);
        TrainingHistory history = ReadJson(key, ModelJson.Default.StoredHistory, ModelLimits.HistoryBytes).ToHistory();
        int last = EpochCheck.LastOf(history.Epochs, network);
        Require(
            history.BestEpoch >= 0 && history.BestEpoch <= last,
            Invariant($"the best epoch of its history is {history.BestEpoch}, and the last one is {last}."));
        return history;
    }

    private TrainingRecipe? ReadRecipe(NetworkSpec network, int? member)
    {
        string key = ModelFile.MemberKey(ModelFile.RecipeKey, member);
        if (_version < 3 || !_file.HasMetadata(key))
            return null;
        TrainingRecipe recipe;
        try
        {
            recipe = TrainingRecipe.FromJson(_file.MetadataText(key));
        }
        catch (FormatException e)
        {
            throw new FormatException($"its recipe cannot be read: {Shorten(e.Message)}", e);
        }

        // The encoder's file that the recipe names is not needed, because the network contains the encoder.
        bool isOfEncoder = recipe.Network.Encoder?.Sha256 == network.Encoder.File?.Sha256;
        Require(
            isOfEncoder && recipe.Network.CreateNetwork(network.LabelCounts, network.Encoder).Equals(network),
            "its recipe describes another network than it holds.");
        return recipe;
    }

    private Dictionary<string, string> ReadTrainingDetails()
    {
        Dictionary<string, string> details = ReadJson(
            _version < 3 ? ModelFile.OldTrainingOptionsKey : ModelFile.TrainingDetailsKey, ModelJson.Default.DictionaryStringString);
        Require(
            details.Count <= ModelLimits.TrainingDetails && details.All(detail => detail.Value is not null),
            $"it must have at most {ModelLimits.TrainingDetails} details of its training, each with a value.");
        return details;
    }

    private ImmutableArray<NamedTensor> ReadState(NetworkSpec network, int? member)
    {
        string prefix = member is { } index ? $"{ModelMember.Path(index)}." : _version < 3 ? ModelFile.OldStatePrefix : "";
        return
        [
            // The members of an ensemble can share one encoder, which the file then contains once.
            .. network.Parameters().Select(parameter => parameter.IsEncoder && member is not null && !_tensors.ContainsKey(prefix + parameter.Name)
                ? ReadSharedTensor(parameter)
                : ReadTensor(parameter, prefix + parameter.Name)),
        ];
    }

    private NamedTensor ReadSharedTensor(ParameterSpec parameter)
    {
        if (!_shared.TryGetValue(parameter.Name, out NamedTensor? tensor))
            _shared.Add(parameter.Name, tensor = ReadTensor(parameter, parameter.Name));
        return tensor;
    }

    private NamedTensor ReadTensor(ParameterSpec parameter, string name)
    {
        if (!_tensors.TryGetValue(name, out OnnxTensor? tensor))
            throw new FormatException($"tensor '{Shorten(name)}' is missing.");
        float[] values = tensor.Values(parameter.Shape);
        int low = Array.FindIndex(values, value => value < parameter.Minimum);
        return low < 0
            ? new NamedTensor(parameter.Name, parameter.Shape, values)
            : throw new FormatException(Invariant($"tensor '{Shorten(name)}' holds {values[low]} at position {low}, expected at least {parameter.Minimum}."));
    }

    private T ReadJson<T>(string key, JsonTypeInfo<T> type, int maximumBytes = ModelLimits.MetadataBytes)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(_file.Metadata(key, maximumBytes), type)
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
