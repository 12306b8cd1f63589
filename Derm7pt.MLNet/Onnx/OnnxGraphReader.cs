using System.Collections.Immutable;
using System.Text;

namespace Derm7pt.MLNet.Onnx;

/// <summary>Reads an ONNX file: this library's metadata, the constants, the inputs and outputs and, on request, the nodes.</summary>
/// <remarks>Every count and length is checked before memory is taken for it.</remarks>
internal sealed class OnnxGraphReader
{
    /// <summary>The prefix of the keys of this library's metadata.</summary>
    public const string OwnMetadata = "derm7pt.";

    /// <summary>The most dimensions of a tensor.</summary>
    private const int MaximumRank = 8;

    /// <summary>The most inputs, outputs and attributes of a node, and values of an attribute.</summary>
    private const int MaximumNodeValues = 256;

    /// <summary>The most tensors and nodes of a graph and entries of its metadata.</summary>
    private const int MaximumEntries = 65_536;

    /// <summary>The most characters of a key of this library.</summary>
    private const int MaximumKeyLength = 256;

    /// <summary>The most bytes of an entry of the metadata, unless a caller allows more.</summary>
    public const int MaximumMetadataBytes = 1 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, ReadOnlyMemory<byte>> _metadata = [];
    private ReadOnlyMemory<byte> _graph;

    /// <summary>The version of the standard operators that the nodes are written in; 0 if the file states none.</summary>
    public long OpsetVersion { get; private set; }

    private OnnxGraphReader()
    {
    }

    /// <summary>Whether this library wrote the file, in whatever version.</summary>
    public bool IsOwn => _metadata.ContainsKey(OwnMetadata + "format");

    /// <summary>Reads the outermost level of a file.</summary>
    /// <exception cref="FormatException">The the bytes are not an ONNX model.</exception>
    public static OnnxGraphReader Open(ReadOnlyMemory<byte> model)
    {
        var result = new OnnxGraphReader();
        var field = new ProtobufReader(model);
        while (field.Next())
        {
            if (field.Field == ModelProto.GraphFieldNumber)
                result._graph = field.Payload;
            else if (field.Field == ModelProto.OpsetImportFieldNumber)
                result.AddOpset(field.Payload);
            else if (field.Field == ModelProto.MetadataPropsFieldNumber)
                result.AddMetadata(field.Payload);
        }

        return result;
    }

    /// <summary>Determines whether the metadata have an entry.</summary>
    public bool HasMetadata(string key) => _metadata.ContainsKey(key);

    /// <summary>An entry of the metadata, as UTF-8.</summary>
    /// <exception cref="FormatException">It is missing or larger than allowed.</exception>
    public ReadOnlySpan<byte> Metadata(string key, int maximumBytes = MaximumMetadataBytes)
    {
        if (!_metadata.TryGetValue(key, out ReadOnlyMemory<byte> value))
            throw new FormatException($"the metadata have no entry '{key}'.");
        if (value.Length > maximumBytes)
            throw new FormatException(Invariant($"the metadata entry '{key}' has {value.Length} bytes, at most {maximumBytes} are allowed."));
        return value.Span;
    }

    /// <summary>An entry of the metadata, as text.</summary>
    /// <exception cref="FormatException">It is missing, larger than allowed or no UTF-8.</exception>
    public string MetadataText(string key) => Text(Metadata(key));

    /// <summary>The dimensions of the only input; 0 if one is open.</summary>
    /// <exception cref="FormatException">The graph has another number of inputs, or the bytes are not an ONNX model.</exception>
    public ImmutableArray<long> InputShape()
    {
        ReadOnlyMemory<byte>[] inputs = [.. Fields(_graph, GraphProto.InputFieldNumber, limit: 2)];
        if (inputs.Length != 1)
            throw new FormatException($"expected a graph with one input, got {(inputs.Length == 0 ? "none" : "more")}.");
        return Shape(inputs[0]);
    }

    /// <summary>The inputs that are not constants too, with their dimensions; 0 if one is open.</summary>
    /// <remarks>Up to version 3 of the format every constant is declared as an input.</remarks>
    /// <param name="constants">The names of the constants.</param>
    /// <exception cref="FormatException">There are too many, or the bytes are not an ONNX model.</exception>
    public IReadOnlyList<(string Name, ImmutableArray<long> Shape)> Inputs(IReadOnlySet<string> constants) =>
    [
        .. from input in Fields(_graph, GraphProto.InputFieldNumber, MaximumEntries)
           let name = Name(input, ValueInfoProto.NameFieldNumber)
           where !constants.Contains(name)
           select (name, Shape(input)),
    ];

    /// <summary>The names of the outputs.</summary>
    /// <exception cref="FormatException">There are too many, or the bytes are not an ONNX model.</exception>
    public IReadOnlyList<string> Outputs() =>
        [.. Fields(_graph, GraphProto.OutputFieldNumber, MaximumEntries).Select(output => Name(output, ValueInfoProto.NameFieldNumber))];

    /// <summary>The nodes, in file order.</summary>
    /// <exception cref="FormatException">There are too many, or the bytes are not an ONNX model.</exception>
    public IReadOnlyList<OnnxNode> Nodes() => [.. Fields(_graph, GraphProto.NodeFieldNumber, MaximumEntries).Select(Node)];

    private static OnnxNode Node(ReadOnlyMemory<byte> message)
    {
        string operation = string.Empty, domain = string.Empty;
        List<string> inputs = [], outputs = [];
        var attributes = new Dictionary<string, OnnxAttribute>(StringComparer.Ordinal);
        var field = new ProtobufReader(message);
        while (field.Next())
        {
            switch (field.Field)
            {
                case NodeProto.InputFieldNumber:
                    inputs.Add(Text(field.Payload.Span));
                    break;
                case NodeProto.OutputFieldNumber:
                    outputs.Add(Text(field.Payload.Span));
                    break;
                case NodeProto.OpTypeFieldNumber:
                    operation = Text(field.Payload.Span);
                    break;
                case NodeProto.DomainFieldNumber:
                    domain = Text(field.Payload.Span);
                    break;
                case NodeProto.AttributeFieldNumber:
                    OnnxAttribute attribute = Attribute(field.Payload);
                    if (!attributes.TryAdd(attribute.Name, attribute))
                        throw new FormatException($"a node '{operation}' has two attributes '{attribute.Name}'.");
                    break;
            }

            if (inputs.Count > MaximumNodeValues || outputs.Count > MaximumNodeValues || attributes.Count > MaximumNodeValues)
                throw new FormatException($"a node has more than {MaximumNodeValues} inputs, outputs or attributes.");
        }

        return new OnnxNode(message, operation, domain, inputs, outputs, attributes);
    }

    private static OnnxAttribute Attribute(ReadOnlyMemory<byte> message)
    {
        var attribute = new OnnxAttribute();
        var integers = ImmutableArray.CreateBuilder<long>();
        var field = new ProtobufReader(message);
        while (field.Next())
        {
            switch (field.Field)
            {
                case AttributeProto.NameFieldNumber:
                    attribute = attribute with { Name = Text(field.Payload.Span) };
                    break;
                case AttributeProto.IFieldNumber:
                    attribute = attribute with { Integer = field.Number };
                    break;
                case AttributeProto.FFieldNumber:
                    attribute = attribute with { Float = field.Single };
                    break;
                case AttributeProto.SFieldNumber:
                    attribute = attribute with { Text = Text(field.Payload.Span) };
                    break;
                case AttributeProto.TFieldNumber:
                    attribute = attribute with { Tensor = Tensor(field.Payload) };
                    break;
                case AttributeProto.IntsFieldNumber when field.IsLengthDelimited:
                    var packed = new ProtobufReader(field.Payload);
                    while (packed.NextPacked(out long value))
                        Add(value);
                    break;
                case AttributeProto.IntsFieldNumber:
                    Add(field.Number);
                    break;
            }
        }

        return attribute with { Integers = integers.ToImmutable() };

        void Add(long value)
        {
            if (integers.Count == MaximumNodeValues)
                throw new FormatException($"an attribute has more than {MaximumNodeValues} values.");
            integers.Add(value);
        }
    }

    private static string Name(ReadOnlyMemory<byte> message, int number) => Text(Only(message, number).Span);

    private static ImmutableArray<long> Shape(ReadOnlyMemory<byte> input)
    {
        ReadOnlyMemory<byte> shape = Only(
            Only(Only(input, ValueInfoProto.TypeFieldNumber), TypeProto.TensorTypeFieldNumber), TypeProto.Types.Tensor.ShapeFieldNumber);
        var result = ImmutableArray.CreateBuilder<long>();
        foreach (ReadOnlyMemory<byte> dimension in Fields(shape, TensorShapeProto.DimFieldNumber, MaximumRank))
        {
            long value = 0;
            var field = new ProtobufReader(dimension);
            while (field.Next())
            {
                if (field.Field == TensorShapeProto.Types.Dimension.DimValueFieldNumber)
                    value = field.Number;
            }

            result.Add(value);
        }

        return result.ToImmutable();
    }

    /// <summary>The constants of the graph, in file order.</summary>
    /// <exception cref="FormatException">There are too many, two have the same name, or the bytes are not an ONNX model.</exception>
    public OrderedDictionary<string, OnnxTensor> Tensors()
    {
        var tensors = new OrderedDictionary<string, OnnxTensor>();
        foreach (ReadOnlyMemory<byte> message in Fields(_graph, GraphProto.InitializerFieldNumber, MaximumEntries))
        {
            OnnxTensor tensor = Tensor(message);
            if (!tensors.TryAdd(tensor.Name, tensor))
                throw new FormatException($"the graph has two tensors named '{tensor.Name}'.");
        }

        return tensors;
    }

    private static OnnxTensor Tensor(ReadOnlyMemory<byte> message)
    {
        string name = string.Empty;
        long type = 0;
        ReadOnlyMemory<byte> raw = default, integers = default;
        var dimensions = ImmutableArray.CreateBuilder<long>();
        var field = new ProtobufReader(message);
        while (field.Next())
        {
            switch (field.Field)
            {
                case TensorProto.NameFieldNumber:
                    name = Text(field.Payload.Span);
                    break;
                case TensorProto.DataTypeFieldNumber:
                    type = field.Number;
                    break;
                // Packed numbers of single precision are the same bytes as raw data.
                case TensorProto.RawDataFieldNumber or TensorProto.FloatDataFieldNumber:
                    if (!raw.IsEmpty)
                        throw new FormatException($"tensor '{name}' has its values twice.");
                    raw = field.Payload;
                    break;
                case TensorProto.Int64DataFieldNumber when field.IsLengthDelimited:
                    integers = field.Payload;
                    break;
                case TensorProto.DataLocationFieldNumber when field.Number != 0:
                    throw new FormatException("its weights are in another file; save the model with its weights inside.");
                case TensorProto.DimsFieldNumber when field.IsLengthDelimited:
                    var packed = new ProtobufReader(field.Payload);
                    while (packed.NextPacked(out long dimension))
                        Add(dimension);
                    break;
                case TensorProto.DimsFieldNumber:
                    Add(field.Number);
                    break;
            }
        }

        return new OnnxTensor(message, name, dimensions.ToImmutable(), (TensorProto.Types.DataType)type, raw, integers);

        void Add(long dimension)
        {
            if (dimensions.Count == MaximumRank)
                throw new FormatException($"a tensor has more than {MaximumRank} dimensions.");
            dimensions.Add(dimension);
        }
    }

    private void AddOpset(ReadOnlyMemory<byte> entry)
    {
        bool isStandard = true;
        long version = 0;
        var field = new ProtobufReader(entry);
        while (field.Next())
        {
            if (field.Field == OperatorSetIdProto.DomainFieldNumber)
                isStandard = field.Payload.IsEmpty || Text(field.Payload.Span) == "ai.onnx";
            else if (field.Field == OperatorSetIdProto.VersionFieldNumber)
                version = field.Number;
        }

        if (isStandard)
            OpsetVersion = version;
    }

    private static ReadOnlyMemory<byte> Only(ReadOnlyMemory<byte> message, int number)
    {
        ReadOnlyMemory<byte>[] found = [.. Fields(message, number, limit: 2)];
        return found.Length == 1
            ? found[0]
            : throw new FormatException(Invariant($"expected field {number} of the input's description once, got it {found.Length} times."));
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Fields(ReadOnlyMemory<byte> message, int number, int limit)
    {
        int count = 0;
        var field = new ProtobufReader(message);
        while (field.Next())
        {
            if (field.Field != number)
                continue;
            if (++count > limit)
                throw new FormatException(Invariant($"field {number} occurs more than {limit} times."));
            yield return field.Payload;
        }
    }

    private static string Text(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("a text is not UTF-8.", e);
        }
    }

    // Entries of other tools are ignored.
    private void AddMetadata(ReadOnlyMemory<byte> entry)
    {
        ReadOnlyMemory<byte> key = default, value = default;
        var field = new ProtobufReader(entry);
        while (field.Next())
        {
            if (field.Field == StringStringEntryProto.KeyFieldNumber)
                key = field.Payload;
            else if (field.Field == StringStringEntryProto.ValueFieldNumber)
                value = field.Payload;
        }

        if (key.Length > MaximumKeyLength || !key.Span.StartsWith(Encoding.UTF8.GetBytes(OwnMetadata)))
            return;
        string name = Text(key.Span);
        if (!_metadata.TryAdd(name, value))
            throw new FormatException($"the metadata have two entries '{name}'.");
        if (_metadata.Count > MaximumEntries)
            throw new FormatException($"the metadata have more than {MaximumEntries} entries.");
    }
}
