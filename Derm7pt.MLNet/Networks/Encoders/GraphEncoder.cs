using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;
using ElementType = Derm7pt.MLNet.Onnx.TensorProto.Types.DataType;

namespace Derm7pt.MLNet.Networks;

/// <summary>Represents a tensor of a <see cref="GraphEncoder"/> in single precision.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Shape">The dimensions.</param>
internal sealed record GraphTensor(string Name, ImmutableArray<long> Shape)
{
    public bool Equals(GraphTensor? other) => other is not null && Name == other.Name && Shape.SequenceEqual(other.Shape);

    public override int GetHashCode() => HashCode.Combine(Name, Shape.Length);
}

/// <summary>
/// Represents a feature extractor from an ONNX file that is not trained, so that its operators are not translated to torch: ONNX
/// Runtime computes its features, and its nodes are copied into the exported graph.
/// </summary>
/// <param name="Source">The file.</param>
/// <param name="Normalization">The normalization of pixels for the input.</param>
/// <param name="Input">The name of the input.</param>
/// <param name="Nodes">The nodes, each a serialized NodeProto.</param>
/// <param name="Constants">Tensors of other types than single precision, each a serialized TensorProto.</param>
/// <param name="Tensors">Tensors in single precision; their values are part of the network's state.</param>
/// <param name="OpsetVersion">The version of the operators.</param>
/// <param name="Extent">The height and width of the images at which the extents below hold.</param>
/// <param name="Channels">The number of channels of the features.</param>
/// <param name="FeatureExtent">The smaller one of height and width of the features; 1 if they are vectors.</param>
/// <param name="IsVector">Whether the features have no axes of an image.</param>
internal sealed record GraphEncoder(
    EncoderSource Source, PixelNormalization Normalization, string Input, ImmutableArray<byte[]> Nodes, ImmutableArray<byte[]> Constants,
    ImmutableArray<GraphTensor> Tensors, int OpsetVersion, int Extent, int Channels, int FeatureExtent, bool IsVector) : Encoder
{
    /// <summary>The versions of the operators with which the rest of the exported graph has the same meaning.</summary>
    public const int MinimumOpset = 13, MaximumOpset = 17;

    private const int MaximumRank = 8;

    [JsonIgnore]
    public override EncoderSource? File => Source;

    [JsonIgnore]
    public override bool NeedsTorchThreads => true;

    public override IEnumerable<string> Problems()
    {
        if (Source is not { File: not null, Sha256: not null, Output: not null } || Normalization is null || string.IsNullOrEmpty(Input)
            || Nodes.IsDefaultOrEmpty || Constants.IsDefault || Tensors.IsDefault)
        {
            return ["The encoder lacks its source, its normalization, its input, or its nodes."];
        }

        if (Nodes.Length > OnnxEncoder.MaximumNodes || Constants.Length > OnnxEncoder.MaximumNodes || Tensors.Length > OnnxEncoder.MaximumNodes)
            return [$"The encoder must have at most {OnnxEncoder.MaximumNodes} nodes and tensors."];
        if (OpsetVersion is < MinimumOpset or > MaximumOpset)
            return [Invariant($"The encoder must use version {MinimumOpset} to {MaximumOpset} of the operators, got {OpsetVersion}.")];
        if (Extent is <= 0 or > NetworkLimits.ImageExtent || Channels is <= 0 or > NetworkLimits.Filters || FeatureExtent is <= 0 or > NetworkLimits.ImageExtent)
            return [Invariant($"The encoder has impossible sizes: {Channels} channels and an extent of {FeatureExtent} for images of {Extent} pixels.")];
        foreach (GraphTensor? tensor in Tensors)
        {
            if (string.IsNullOrEmpty(tensor?.Name) || tensor.Shape.IsDefault || tensor.Shape.Length > MaximumRank
                || tensor.Shape.Any(extent => extent is < 0 or > 1 << 24) || tensor.Shape.Aggregate(1.0, (product, extent) => product * extent) > 1 << 28)
            {
                return ["A tensor of the encoder has no name or an impossible shape."];
            }
        }

        try
        {
            string? problem = Nodes.Select(ParseNode).Select(ProblemOf).FirstOrDefault(found => found is not null);
            _ = Constants.Select(ParseTensor).ToArray();
            return problem is null ? Normalization.Problems() : [problem];
        }
        catch (InvalidProtocolBufferException e)
        {
            return [$"A node or constant of the encoder is damaged: {e.Message}"];
        }
    }

    public override int OutputChannels() => Channels;

    public override int OutputExtent(int imageExtent) => imageExtent == Extent ? FeatureExtent : 0;

    public override IEnumerable<ParameterSpec> Parameters() => Tensors.Select(tensor => new ParameterSpec(
        tensor.Name, tensor.Shape, ParameterRole.Buffer, ParameterOwner.Shared, Initialization.Zeros));

    public override Tensor Forward(TorchScope scope, Tensor pixels, ICollection<Tensor>? stages = null)
    {
        GraphEncoder encoder = this;
        TorchScope tensors = scope;
        EncoderSession session = scope.Resource("session", () => EncoderSession.Create(encoder, tensors));
        using Tensor values = pixels.detach().to(float32).cpu().contiguous();
        return session.Run(values).to(pixels.dtype).to(pixels.device);
    }

    public override GraphValue Emit(GraphScope scope, GraphValue pixels)
    {
        GraphBuilder graph = scope.Graph;
        graph.OpsetVersion = Math.Max(graph.OpsetVersion, OpsetVersion);
        var names = new Dictionary<string, string> { [""] = "", [Input] = Normalization.Emit(scope.In("normalization"), pixels.Name) };
        foreach (GraphTensor tensor in Tensors)
            names.Add(tensor.Name, scope.Parameter(tensor.Name));
        foreach (TensorProto constant in Constants.Select(ParseTensor))
        {
            names.Add(constant.Name, scope.In("constants").Name(constant.Name));
            constant.Name = names[constant.Name];
            graph.Add(constant);
        }

        foreach (NodeProto node in Nodes.Select(ParseNode))
        {
            foreach (string output in node.Output.Where(name => name.Length > 0))
                names.Add(output, scope.Name(output));
            string? missing = node.Input.FirstOrDefault(name => !names.ContainsKey(name));
            if (missing is not null)
                throw new ArgumentException($"A node of the encoder reads '{missing}', which nothing computes.");
            for (int i = 0; i < node.Input.Count; i++)
                node.Input[i] = names[node.Input[i]];
            for (int i = 0; i < node.Output.Count; i++)
                node.Output[i] = names[node.Output[i]];
            graph.Add(node);
        }

        if (!names.TryGetValue(Source.Output, out string? features))
            throw new ArgumentException($"No node of the encoder computes '{Source.Output}'.");
        return new GraphValue(IsVector ? graph.Reshape(scope.In("features").Name("image"), features, 0, Channels, 1, 1) : features, Channels);
    }

    public bool Equals(GraphEncoder? other) =>
        other is not null && Normalization.Equals(other.Normalization) && (Source, Input, OpsetVersion, Extent) == (other.Source, other.Input, other.OpsetVersion, other.Extent)
        && (Channels, FeatureExtent, IsVector) == (other.Channels, other.FeatureExtent, other.IsVector)
        && Tensors.SequenceEqual(other.Tensors) && Same(Nodes, other.Nodes) && Same(Constants, other.Constants);

    public override int GetHashCode() => HashCode.Combine(Source, Input, Extent, Channels, Nodes.Length);

    /// <summary>Parses a node without its unknown fields, so that it contains only defined content.</summary>
    internal static NodeProto ParseNode(byte[] bytes) => NodeProto.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);

    internal static TensorProto ParseTensor(byte[] bytes) => TensorProto.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);

    /// <summary>Describes why a node cannot be copied, as a sentence; <see langword="null"/> if it can be copied.</summary>
    internal static string? ProblemOf(NodeProto node)
    {
        if (node.Domain is not ("" or "ai.onnx"))
            return $"The operator {node.OpType} belongs to '{node.Domain}', not to the standard operators.";
        return node.Attribute.Any(attribute => !Enum.IsDefined(attribute.Type) || attribute.Type == AttributeProto.Types.AttributeType.Undefined)
            ? $"The operator {node.OpType} contains a graph, or an attribute of an unknown type."
            : null;
    }

    private static bool Same(ImmutableArray<byte[]> left, ImmutableArray<byte[]> right) =>
        left.Length == right.Length && left.Zip(right, (x, y) => x.AsSpan().SequenceEqual(y)).All(same => same);
}

/// <summary>Computes the features of a <see cref="GraphEncoder"/> with ONNX Runtime.</summary>
internal sealed class EncoderSession : IDisposable
{
    private const string Pixels = "pixels";

    private readonly InferenceSession _session;
    private readonly string _output;

    private EncoderSession(byte[] onnx, string output)
    {
        OnnxTelemetry.DisableEvents();
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(onnx, options);
        _output = output;
    }

    /// <summary>Creates a session with the tensors of a network.</summary>
    public static EncoderSession Create(GraphEncoder encoder, TorchScope scope) =>
        Create(encoder, [.. encoder.Tensors.Select(tensor => scope[tensor.Name].ToNamedTensor(tensor.Name))]);

    /// <summary>Creates a session.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="tensors">The tensors of the encoder, with their names within the encoder.</param>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime does not accept the graph.</exception>
    public static EncoderSession Create(GraphEncoder encoder, IReadOnlyList<NamedTensor> tensors)
    {
        var graph = new GraphBuilder();
        string input = graph.Input(Pixels, [NetworkSpec.PixelChannels, encoder.Extent, encoder.Extent], "");
        GraphValue features = encoder.Emit(
            new GraphScope(graph, tensors.ToDictionary(tensor => tensor.Name), ""), new GraphValue(input, NetworkSpec.PixelChannels));
        graph.Proto.Name = "encoder";
        graph.Proto.Output.Add(new ValueInfoProto
        {
            Name = features.Name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float } },
        });
        var file = new ModelProto
        {
            IrVersion = GraphBuilder.IrVersion,
            Graph = graph.Proto,
            OpsetImport = { new OperatorSetIdProto { Version = graph.OpsetVersion } },
        };
        return new EncoderSession(file.ToByteArray(), features.Name);
    }

    /// <summary>Computes the features of images.</summary>
    /// <param name="pixels">[N, 3, H, W] on the processor, contiguous, in single precision.</param>
    /// <returns>[N, channels, h, w]</returns>
    public Tensor Run(Tensor pixels)
    {
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels.data<float>().ToArray(), pixels.shape);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(options, [Pixels], [input], [_output]);
        return tensor(results[0].GetTensorDataAsSpan<float>().ToArray(), results[0].GetTensorTypeAndShape().Shape);
    }

    public void Dispose() => _session.Dispose();
}
