using System.Collections.Immutable;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Onnx;

namespace Derm7pt.MLNet.Networks;

/// <summary>Reads an <see cref="OnnxEncoder"/> from an untrusted ONNX file.</summary>
/// <remarks>
/// Operators are translated one by one. An operator that cannot be translated is an error only if the features depend on it. Names,
/// shapes and operators are checked before weights are copied.
/// </remarks>
internal sealed class OnnxImport
{
    // The translation has been checked for these versions of the operators.
    private const int MinimumOpset = 7, MaximumOpset = 25;

    private readonly OrderedDictionary<string, OnnxTensor> _tensors;
    private readonly Dictionary<string, string> _aliases = [];
    private readonly Dictionary<string, string> _untranslated = [];
    private readonly Dictionary<string, FeatureShape> _shapes = [];
    private readonly List<EncoderNode> _nodes = [];
    private readonly NodeTranslation _translation;
    private readonly string _input;

    private OnnxImport(OnnxGraphReader file)
    {
        _tensors = file.Tensors();
        if (file.OpsetVersion is < MinimumOpset or > MaximumOpset)
            throw new FormatException(Invariant($"it uses version {file.OpsetVersion} of the operators, expected {MinimumOpset} to {MaximumOpset}."));
        (string Name, ImmutableArray<long> Shape)[] inputs = [.. file.Inputs(new HashSet<string>(_tensors.Keys))];
        if (inputs is not [{ Shape: [_, NetworkSpec.PixelChannels, _, _] } input])
        {
            throw new FormatException(
                "it must have one input, an image [N, 3, height, width]; got "
                + (inputs.Length == 0 ? "none." : $"{string.Join(" and ", inputs.Take(3).Select(i => $"'{i.Name}' [{string.Join(", ", i.Shape)}]"))}."));
        }

        _input = input.Name;
        _shapes.Add(_input, new FeatureShape(NetworkSpec.PixelChannels, OnnxEncoder.UsualExtent));
        _translation = new NodeTranslation(_tensors, _shapes);
        foreach (OnnxNode node in file.Nodes())
            Translate(node);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="content">The bytes of the file.</param>
    /// <param name="name">The name of the file.</param>
    /// <param name="sha256">The checksum of the file.</param>
    /// <param name="options">The options of the encoder.</param>
    /// <param name="inputSize">The height and width of the images; <see langword="null"/> if they can have any size.</param>
    /// <exception cref="FormatException">The file cannot be used as an encoder; the message is the end of a sentence that states the reason.</exception>
    public static EncoderFile Read(ReadOnlyMemory<byte> content, string name, string sha256, EncoderOptions options, int? inputSize = null)
    {
        OnnxGraphReader file = OnnxGraphReader.Open(content);
        var import = new OnnxImport(file);
        // An extractor that is not trained can be used without translation.
        if (options is { TrainedStages: 0, Output: { } wanted } && import.CannotTranslate(wanted))
            return new GraphImport(file, import._input).Read(wanted, name, sha256, options, inputSize);
        string output = import.FindOutput(options);
        var encoder = new OnnxEncoder(
            new EncoderSource(name, sha256, output, options.Origin), options.Normalization, import._input, import.NodesBefore(output), FrozenNodes: 0);
        if (encoder.Problems().FirstOrDefault() is { } problem)
            throw new FormatException(problem);
        encoder = encoder with { FrozenNodes = FrozenNodes(encoder, options.TrainedStages) };
        return new EncoderFile(encoder, [.. encoder.Parameters().Select(import.Weights)]);
    }

    private bool CannotTranslate(string output) => _untranslated.ContainsKey(Resolve(output));

    private void Translate(OnnxNode node)
    {
        string output = node.Outputs.Count > 0 ? node.Outputs[0] : "";
        string[] inputs = [.. node.Inputs.Select(Resolve)];
        if (inputs.FirstOrDefault(_untranslated.ContainsKey) is { } missing)
        {
            _untranslated.TryAdd(output, _untranslated[missing]);
            return;
        }

        if (node is { Domain: "" or "ai.onnx", Operation: "Identity" or "Dropout" } && inputs.Length > 0)
        {
            _aliases.TryAdd(output, inputs[0]);
            return;
        }

        try
        {
            foreach (EncoderNode translated in _translation.Translate(node, inputs, output))
                Add(translated);
        }
        catch (NotSupportedException e)
        {
            foreach (string value in node.Outputs)
                _untranslated.TryAdd(value, e.Message);
        }
    }

    private void Add(EncoderNode node)
    {
        if (_nodes.Count == OnnxEncoder.MaximumNodes)
            throw new FormatException($"it has more than {OnnxEncoder.MaximumNodes} operations.");
        FeatureShape[] shapes = [.. node.Inputs.Select(name => _shapes[name])];
        if (node.Problems(shapes).FirstOrDefault() is { } problem)
            throw new NotSupportedException(problem);
        if (!_shapes.TryAdd(node.Output, node.OutputShape(shapes, axis: 0)))
            throw new FormatException($"two operations compute '{node.Output}'.");
        _nodes.Add(node);
    }

    private string Resolve(string name)
    {
        while (_aliases.TryGetValue(name, out string? original))
            name = original;
        return name;
    }

    private string FindOutput(EncoderOptions options)
    {
        if (options.Output is { } wanted)
        {
            string name = Resolve(wanted);
            if (_untranslated.TryGetValue(name, out string? reason))
                throw new FormatException($"its value '{wanted}' cannot be trained: {reason} With {nameof(EncoderOptions.TrainedStages)} = 0 it can be used as it is.");
            return _shapes.ContainsKey(name) && name != _input
                ? name
                : throw new FormatException($"it has no value '{wanted}'. Its stages end at {Describe(Stages())}.");
        }

        IReadOnlyList<EncoderStage> stages = Stages();
        EncoderStage? found = options.Stage is { } stage
            ? stages.FirstOrDefault(candidate => candidate.Reduction == 1 << (stage + 1))
            : stages.Count > 0 ? stages[^1] : null;
        return found?.Name ?? throw new FormatException(
            $"it has no stage {options.Stage?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "at all"}. Its stages end at {Describe(stages)}."
            + (_untranslated.Count == 0 ? "" : $" After that: {_untranslated.Values.First()}"));
    }

    private IReadOnlyList<EncoderStage> Stages() => _nodes.Count == 0 ? [] : new OnnxEncoder(
        new EncoderSource("", "", _nodes[^1].Output, Origin: null), PixelNormalization.ImageNet, _input, [.. _nodes], FrozenNodes: 0).Stages();

    private static string Describe(IReadOnlyList<EncoderStage> stages) => stages.Count == 0
        ? "no value"
        : string.Join(", ", stages.Select(stage => Invariant($"'{stage.Name}' ({stage.Channels} channels, 1/{stage.Reduction} of the extent)")));

    private ImmutableArray<EncoderNode> NodesBefore(string output)
    {
        HashSet<string> needed = [output];
        var nodes = new List<EncoderNode>();
        foreach (EncoderNode node in Enumerable.Reverse(_nodes))
        {
            if (needed.Contains(node.Output))
            {
                nodes.Add(node);
                needed.UnionWith(node.Inputs);
            }
        }

        nodes.Reverse();
        return [.. nodes];
    }

    private static int FrozenNodes(OnnxEncoder encoder, int? trainedStages)
    {
        if (trainedStages is not { } trained)
            return 0;
        IReadOnlyList<EncoderStage> stages = encoder.Stages();
        if (trained == 0)
            return encoder.Nodes.Length;
        if (trained >= stages.Count)
            return 0;
        string last = stages[stages.Count - trained - 1].Name;
        return 1 + Enumerable.Range(0, encoder.Nodes.Length).First(i => encoder.Nodes[i].Output == last);
    }

    private NamedTensor Weights(ParameterSpec parameter)
    {
        OnnxTensor tensor = _tensors[parameter.Name];
        // A constant that is combined with features may have fewer dimensions.
        float[] values = tensor.Values(parameter.Shape.Length == 4 && tensor.Shape.Length < 4 ? tensor.Shape : parameter.Shape);
        if (values.Length != parameter.Count)
            throw new FormatException(Invariant($"tensor '{parameter.Name}' has {values.Length} values, expected {parameter.Count}."));
        int low = Array.FindIndex(values, value => value < parameter.Minimum);
        return low < 0
            ? new NamedTensor(parameter.Name, parameter.Shape, values)
            : throw new FormatException(Invariant($"tensor '{parameter.Name}' holds {values[low]} at position {low}, expected at least {parameter.Minimum}."));
    }
}
