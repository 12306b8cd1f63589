using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks;

/// <summary>Represents the origin of the operations and the initial weights of an <see cref="OnnxEncoder"/>.</summary>
/// <param name="File">The name of the file, without its folder.</param>
/// <param name="Sha256">The SHA-256 of the file, hexadecimal.</param>
/// <param name="Output">The value of the file whose features the encoder computes.</param>
/// <param name="Origin">The author and the license of the file; <see langword="null"/> if the user did not state them.</param>
internal sealed record EncoderSource(string File, string Sha256, string Output, string? Origin);

/// <summary>Represents a feature extractor that was read from an ONNX file. Its operations run in torch and are exported as ONNX nodes.</summary>
/// <param name="Source">The file.</param>
/// <param name="Normalization">The normalization of pixels for the input.</param>
/// <param name="Input">The name of the input.</param>
/// <param name="Nodes">The operations in topological order.</param>
/// <param name="FrozenNodes">The number of operations at the beginning whose tensors are not trained.</param>
internal sealed record OnnxEncoder(
    EncoderSource Source, PixelNormalization Normalization, string Input, ImmutableArray<EncoderNode> Nodes, int FrozenNodes) : Encoder
{
    /// <summary>The maximum number of operations.</summary>
    public const int MaximumNodes = 4_096;

    /// <summary>The image extent for which stages are determined, which is the usual size in the training of extractors.</summary>
    public const int UsualExtent = 224;

    [JsonIgnore]
    public override EncoderSource? File => Source;

    [JsonIgnore]
    public override bool NeedsTorchThreads => true;

    public override IEnumerable<string> Problems()
    {
        if (Source is not { File: not null, Sha256: not null, Output: not null } || Normalization is null || Input is null)
            return ["The encoder lacks its source, its normalization or its input."];
        if (Nodes.IsDefaultOrEmpty || Nodes.Length > MaximumNodes)
            return [$"The encoder must have 1 to {MaximumNodes} operations."];
        string? problem = Normalization.Problems().FirstOrDefault() ?? ProblemOfNodes();
        return problem is null ? [] : [problem];
    }

    public override int OutputChannels() => Shapes(UsualExtent, axis: 0)[Source.Output].Channels;

    public override int OutputExtent(int imageExtent) =>
        Math.Min(Shapes(imageExtent, 0)[Source.Output].Extent, Shapes(imageExtent, 1)[Source.Output].Extent);

    public override IEnumerable<ParameterSpec> Parameters() => Nodes
        .SelectMany((node, index) => node.Parameters().Select(parameter => parameter with { IsFrozen = index < FrozenNodes }))
        .DistinctBy(parameter => parameter.Name);

    public override IReadOnlyList<EncoderStage> Stages()
    {
        Dictionary<string, FeatureShape> shapes = Shapes(UsualExtent, axis: 0);
        var stages = new List<EncoderStage>();
        // A stage is the last value of an extent, as long as extents only decrease.
        foreach (EncoderNode node in Nodes)
        {
            FeatureShape shape = shapes[node.Output];
            if (shape is { Extent: 0 } || node is ConstantNode or GlobalPoolingNode || (shape.Extent == 1 && node.Output != Source.Output))
                continue;
            int reduction = (int)Math.Round((double)UsualExtent / shape.Extent);
            while (stages.Count > 0 && stages[^1].Reduction == reduction)
                stages.RemoveAt(stages.Count - 1);
            if (stages.Count == 0 || reduction > stages[^1].Reduction)
                stages.Add(new EncoderStage(node.Output, shape.Channels, reduction));
        }

        return stages;
    }

    public override Tensor Forward(TorchScope scope, Tensor pixels, ICollection<Tensor>? stages = null)
    {
        HashSet<string> wanted = stages is null ? [] : [.. Stages().Select(stage => stage.Name)];
        Dictionary<string, int> readers = Nodes.SelectMany(node => node.Inputs).CountBy(name => name).ToDictionary();
        readers[Source.Output] = readers.GetValueOrDefault(Source.Output) + 1;
        // A value that only one node reads, and that no backward pass needs, may be overwritten by its reader.
        HashSet<string> disposable = [];
        var values = new Dictionary<string, Tensor> { [Input] = Normalization.Apply(scope.In("normalization"), pixels) };
        bool learns = scope.IsTraining;
        for (int i = 0; i < Nodes.Length; i++)
        {
            EncoderNode node = Nodes[i];
            bool isFrozen = i < FrozenNodes;
            // Values of frozen operations are not kept for a backward pass.
            using IDisposable? gradients = isFrozen && learns ? no_grad() : null;
            bool mayOverwrite = stages is null && node.Inputs.Length > 0 && disposable.Contains(node.Inputs[0]) && readers[node.Inputs[0]] == 1;
            Tensor value = node.Forward(
                isFrozen ? scope.Frozen() : scope, [.. node.Inputs.Select(name => values[name])], mayOverwrite);
            if (wanted.Contains(node.Output))
            {
                if (!value.requires_grad)
                    value.requires_grad = true;
                stages!.Add(value);
            }

            values.Add(node.Output, value);
            if (!node.KeepsOutput)
                disposable.Add(node.Output);
            foreach (string name in node.Inputs)
            {
                // The backward pass holds the values that it needs. An in-place operation returns its input tensor.
                if (--readers[name] == 0 && !wanted.Contains(name) && name != Input && !ReferenceEquals(values[name], value))
                    values[name].Dispose();
            }
        }

        Tensor features = values[Source.Output];
        return features.dim() == 2 ? features.reshape(features.shape[0], features.shape[1], 1, 1) : features;
    }

    public override GraphValue Emit(GraphScope scope, GraphValue pixels)
    {
        // Separate paths prevent conflicts with names of the file.
        var values = new Dictionary<string, string> { [Input] = Normalization.Emit(scope.In("normalization"), pixels.Name) };
        foreach (EncoderNode node in Nodes)
            values.Add(node.Output, node.Emit(scope, [.. node.Inputs.Select(name => values[name])]));
        FeatureShape shape = Shapes(UsualExtent, axis: 0)[Source.Output];
        string features = values[Source.Output];
        return new GraphValue(
            shape.IsVector ? scope.Graph.Reshape(scope.In("features").Name("image"), features, 0, shape.Channels, 1, 1) : features, shape.Channels);
    }

    public bool Equals(OnnxEncoder? other) =>
        other is not null && Normalization.Equals(other.Normalization) && (Source, Input, FrozenNodes) == (other.Source, other.Input, other.FrozenNodes)
        && Nodes.SequenceEqual(other.Nodes);

    public override int GetHashCode() => HashCode.Combine(Source, Input, FrozenNodes, Nodes.Length);

    private string? ProblemOfNodes()
    {
        var shapes = new Dictionary<string, FeatureShape> { [Input] = new(NetworkSpec.PixelChannels, UsualExtent) };
        var parameters = new Dictionary<string, ParameterSpec>();
        foreach (EncoderNode? node in Nodes)
        {
            if (node is not { Output: not null } || node.Inputs.IsDefault || node.Inputs.Any(name => name is null))
                return "An operation of the encoder has no output or an empty input.";
            if (node.Inputs.FirstOrDefault(name => !shapes.ContainsKey(name)) is { } missing)
                return $"'{node.Output}' reads '{missing}', which no operation before it computes.";
            FeatureShape[] inputs = [.. node.Inputs.Select(name => shapes[name])];
            if (node.Problems(inputs).FirstOrDefault() is { } problem)
                return problem;
            if (!shapes.TryAdd(node.Output, node.OutputShape(inputs, axis: 0)))
                return $"Two operations compute '{node.Output}'.";
            foreach (ParameterSpec parameter in node.Parameters())
            {
                if (string.IsNullOrEmpty(parameter.Name))
                    return $"A tensor of '{node.Output}' has no name.";
                if (!parameters.TryAdd(parameter.Name, parameter)
                    && !(parameters[parameter.Name].Shape.SequenceEqual(parameter.Shape) && parameters[parameter.Name].Role == parameter.Role))
                {
                    return $"Two operations use the tensor '{parameter.Name}' in different ways.";
                }
            }
        }

        if (!shapes.ContainsKey(Source.Output))
            return $"No operation computes the output '{Source.Output}'.";
        return FrozenNodes >= 0 && FrozenNodes <= Nodes.Length
            ? null
            : Invariant($"The encoder has {Nodes.Length} operations, of which {FrozenNodes} are declared as frozen.");
    }

    /// <summary>Computes the shape of every value along one axis.</summary>
    private Dictionary<string, FeatureShape> Shapes(int imageExtent, int axis)
    {
        var shapes = new Dictionary<string, FeatureShape> { [Input] = new(NetworkSpec.PixelChannels, imageExtent) };
        foreach (EncoderNode node in Nodes)
        {
            FeatureShape[] inputs = [.. node.Inputs.Select(name => shapes[name])];
            FeatureShape shape = node.OutputShape(inputs, axis);
            // A value computed from an empty value is empty.
            shapes.Add(node.Output, inputs.Any(input => input.Extent == 0) ? shape with { Extent = 0 } : shape);
        }

        return shapes;
    }
}
