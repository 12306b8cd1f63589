using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Derm7pt.MLNet.Onnx;

/// <summary>
/// Reads from an ONNX file that this library wrote what describes the model: metadata, constants and the size of the input.
/// Nodes are passed over, and nothing is taken for granted.
/// </summary>
internal sealed class OnnxGraphReader
{
    /// <summary>What the keys of this library's metadata begin with.</summary>
    public const string OwnMetadata = "derm7pt.";

    /// <summary>The most dimensions of a tensor.</summary>
    private const int MaximumRank = 8;

    /// <summary>The most tensors of a graph and entries of its metadata.</summary>
    private const int MaximumEntries = 16_384;

    /// <summary>The most characters of a key of this library.</summary>
    private const int MaximumKeyLength = 256;

    /// <summary>The most bytes of an entry of the metadata, unless a caller allows more.</summary>
    public const int MaximumMetadataBytes = 1 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, ReadOnlyMemory<byte>> _metadata = [];
    private ReadOnlyMemory<byte> _graph;

    private OnnxGraphReader()
    {
    }

    /// <summary>Whether this library wrote the file, in whatever version.</summary>
    public bool IsOwn => _metadata.ContainsKey(OwnMetadata + "format");

    /// <summary>Reads the outermost level of a file.</summary>
    /// <exception cref="FormatException">The bytes are no ONNX model.</exception>
    public static OnnxGraphReader Open(ReadOnlyMemory<byte> model)
    {
        var result = new OnnxGraphReader();
        var field = new ProtobufReader(model);
        while (field.Next())
        {
            if (field.Field == ModelProto.GraphFieldNumber)
                result._graph = field.Payload;
            else if (field.Field == ModelProto.MetadataPropsFieldNumber)
                result.AddMetadata(field.Payload);
        }

        return result;
    }

    /// <summary>Whether the metadata have an entry.</summary>
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

    /// <summary>The dimensions of the only input; 0 where one is open.</summary>
    /// <exception cref="FormatException">The graph has another number of inputs, or bytes are no ONNX model.</exception>
    public ImmutableArray<long> InputShape()
    {
        ReadOnlyMemory<byte>[] inputs = [.. Fields(_graph, GraphProto.InputFieldNumber, limit: 2)];
        if (inputs.Length != 1)
            throw new FormatException($"expected a graph with one input, got {(inputs.Length == 0 ? "none" : "more")}.");
        ReadOnlyMemory<byte> shape = Only(
            Only(Only(inputs[0], ValueInfoProto.TypeFieldNumber), TypeProto.TensorTypeFieldNumber), TypeProto.Types.Tensor.ShapeFieldNumber);
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
    /// <exception cref="FormatException">There are too many, two have the same name, or bytes are no ONNX model.</exception>
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
        ReadOnlyMemory<byte> raw = default;
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
                case TensorProto.RawDataFieldNumber:
                    raw = field.Payload;
                    break;
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

        return new OnnxTensor(name, dimensions.ToImmutable(), type == (int)TensorProto.Types.DataType.Float, raw);

        void Add(long dimension)
        {
            if (dimensions.Count == MaximumRank)
                throw new FormatException($"a tensor has more than {MaximumRank} dimensions.");
            dimensions.Add(dimension);
        }
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

    // Other tools add entries of their own, which nobody here asks for.
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

/// <summary>A constant as a file holds it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its dimensions, unchecked.</param>
/// <param name="IsFloat">Whether its values are in single precision.</param>
/// <param name="RawData">Its values, little-endian and row-major.</param>
internal sealed record OnnxTensor(string Name, ImmutableArray<long> Shape, bool IsFloat, ReadOnlyMemory<byte> RawData)
{
    /// <summary>Checks type, shape, length and values, in this order, and only then copies the values.</summary>
    /// <exception cref="FormatException">Something is not as expected.</exception>
    public float[] Values(ImmutableArray<long> expectedShape)
    {
        if (!IsFloat)
            throw new FormatException($"tensor '{Name}' must hold single-precision values.");
        if (!Shape.AsSpan().SequenceEqual(expectedShape.AsSpan()))
            throw new FormatException($"tensor '{Name}' must have shape {Text(expectedShape)}, got {Text(Shape)}.");

        // What is expected follows from limited sizes, so that this cannot overflow.
        long count = expectedShape.Aggregate(1L, (x, y) => x * y);
        if (RawData.Length != sizeof(float) * count)
        {
            throw new FormatException(
                Invariant($"tensor '{Name}' of shape {Text(Shape)} must have {sizeof(float) * count} bytes of data, got {RawData.Length}."));
        }

        var values = new float[count];
        ReadOnlySpan<byte> raw = RawData.Span;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(raw[(sizeof(float) * i)..]);
            if (!float.IsFinite(values[i]))
                throw new FormatException(Invariant($"tensor '{Name}' holds the value {values[i]} at position {i}."));
        }

        return values;
    }

    private static string Text(ImmutableArray<long> shape) => $"[{string.Join(", ", shape)}]";
}
