using System.Runtime.InteropServices;
using Derm7pt.MLNet.Base;
using Google.Protobuf;
using ElementType = Derm7pt.MLNet.Onnx.TensorProto.Types.DataType;

namespace Derm7pt.MLNet.Onnx;

/// <summary>Builds an ONNX graph node by node. Methods that add a node return the name of the value that it computes.</summary>
/// <remarks>
/// The graph holds every learned tensor once, as training left it. What scoring makes of it, such as a kernel with gates and
/// normalization folded in, is computed by nodes that read constants alone; a runtime computes these once, when it loads the
/// graph, so that they cost nothing per image. They compute in double precision and round once, at the end.
/// </remarks>
internal sealed class GraphBuilder
{
    private const string BatchDimension = "N";

    private readonly HashSet<string> _names = [];
    private readonly Dictionary<string, string> _shared = [];

    /// <summary>The version of the file format.</summary>
    public const int IrVersion = 8;

    public GraphProto Proto { get; } = new();

    /// <summary>The version of the standard operators that the graph needs.</summary>
    public int OpsetVersion { get; set; } = 13;

    /// <summary>Declares the input [N, …] of the graph.</summary>
    public string Input(string name, ReadOnlySpan<long> shape, string documentation)
    {
        ValueInfoProto value = Value(Claim(name), ElementType.Float, shape);
        value.DocString = documentation;
        Proto.Input.Add(value);
        return name;
    }

    /// <summary>Declares a value of shape [N, width] as an output.</summary>
    public void Output(string name, ElementType type, int width) => Proto.Output.Add(Value(name, type, [width]));

    /// <summary>Adds a tensor of the network's state under its own name, unless the graph has it.</summary>
    public string Parameter(NamedTensor tensor) => Once(
        tensor.Name, () => AddConstant(tensor.Name, tensor.Shape.AsSpan(), ElementType.Float, MemoryMarshal.AsBytes(tensor.Values.AsSpan())));

    /// <summary>Adds the nodes of a value that several parts of the graph read, unless the graph has them.</summary>
    /// <param name="key">What the value is, the same for all its readers.</param>
    /// <param name="add">Adds the nodes.</param>
    public string Once(string key, Func<string> add)
    {
        if (!_shared.TryGetValue(key, out string? value))
            _shared.Add(key, value = add());
        return value;
    }

    /// <summary>Adds a constant in single precision.</summary>
    public string Constant(string name, ReadOnlySpan<long> shape, ReadOnlySpan<float> values) =>
        AddConstant(name, shape, ElementType.Float, MemoryMarshal.AsBytes(values));

    /// <summary>Adds a constant in double precision.</summary>
    public string Constant(string name, ReadOnlySpan<long> shape, ReadOnlySpan<double> values) =>
        AddConstant(name, shape, ElementType.Double, MemoryMarshal.AsBytes(values));

    /// <summary>Adds a vector of integers: a shape, or axes.</summary>
    public string Constant(string name, params ReadOnlySpan<long> values) =>
        AddConstant(name, [values.Length], ElementType.Int64, MemoryMarshal.AsBytes(values));

    /// <summary>Adds a vector of one empty text.</summary>
    public string EmptyText(string name)
    {
        Proto.Initializer.Add(new TensorProto
        {
            Name = Claim(name),
            DataType = (int)ElementType.String,
            Dims = { 1 },
            StringData = { ByteString.Empty },
        });
        return name;
    }

    /// <summary>Adds a node with one output, which names the node too.</summary>
    public string Node(string operation, string output, IReadOnlyList<string> inputs, params IReadOnlyList<AttributeProto> attributes)
    {
        Node(operation, [output], inputs, attributes);
        return output;
    }

    /// <summary>Adds a node.</summary>
    public void Node(
        string operation, IReadOnlyList<string> outputs, IReadOnlyList<string> inputs, IReadOnlyList<AttributeProto> attributes,
        string? name = null, string domain = "")
    {
        foreach (string output in outputs)
            Claim(output);
        var node = new NodeProto { OpType = operation, Name = name ?? outputs[0], Domain = domain };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes);
        Proto.Node.Add(node);
    }

    /// <summary>Adds a node as it is.</summary>
    public void Add(NodeProto node)
    {
        foreach (string output in node.Output.Where(name => name.Length > 0))
            Claim(output);
        Proto.Node.Add(node);
    }

    /// <summary>Adds a constant as it is.</summary>
    public void Add(TensorProto constant)
    {
        Claim(constant.Name);
        Proto.Initializer.Add(constant);
    }

    public string Relu(string output, string x) => Node("Relu", output, [x]);

    public string ToDouble(string output, string x) => Node("Cast", output, [x], Integer("to", (long)ElementType.Double));

    public string ToSingle(string output, string x) => Node("Cast", output, [x], Integer("to", (long)ElementType.Float));

    public string Reshape(string output, string x, params ReadOnlySpan<long> shape) =>
        Node("Reshape", output, [x, Constant($"{output}/shape", shape)]);

    /// <summary>A convolution.</summary>
    /// <remarks>
    /// A pending map of the input's channels is absorbed, exactly: W · (s · x + d) + b = (W · s) · x + (b + W · d). Padding with
    /// zeros does not commute with the shift, so that a convolution with padding cannot read a value with a pending map.
    /// </remarks>
    /// <param name="name">The path of the nodes; the result is <c>{name}/convolved</c>.</param>
    /// <param name="x">The input.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="bias">The name of a value, single precision [outputs]; <see langword="null"/> for none.</param>
    /// <param name="stride">The stride in both directions.</param>
    /// <param name="groups">The number of groups.</param>
    /// <param name="padding">The zeros that are added on every side.</param>
    public GraphValue Convolution(
        string name, GraphValue x, GraphKernel kernel, string? bias, int stride = 1, int groups = 1, int padding = 0)
    {
        if (padding > 0 && x.Pending is not null)
            throw new ArgumentException($"'{name}' pads '{x.Name}', whose channels are still to be mapped.", nameof(padding));
        if (x.Channels != kernel.Inputs * groups)
            throw new ArgumentException(Invariant($"'{name}' reads {kernel.Inputs * groups} channels, and '{x.Name}' has {x.Channels}."), nameof(kernel));
        if (x.Pending is { } pending)
            (kernel, bias) = Absorb(name, pending, kernel, bias, groups);
        if (kernel.IsDouble)
            kernel = kernel with { Name = ToSingle($"{name}/kernel", kernel.Name), IsDouble = false };
        (kernel, groups) = MergedGroups.Merge(this, name, kernel, groups);

        List<string> inputs = [x.Name, kernel.Name];
        if (bias is not null)
            inputs.Add(bias);
        string result = Node(
            "Conv", $"{name}/convolved", inputs,
            Integers("kernel_shape", kernel.Height, kernel.Width), Integers("strides", stride, stride), Integer("group", groups),
            Integers("pads", padding, padding, padding, padding));
        return new GraphValue(result, kernel.Outputs);
    }

    public static AttributeProto Integer(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    public static AttributeProto Single(string name, float value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };

    public static AttributeProto Text(string name, string value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Integers(string name, params ReadOnlySpan<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    private (GraphKernel Kernel, string Bias) Absorb(string name, ChannelAffine pending, GraphKernel kernel, string? bias, int groups)
    {
        long positions = kernel.Height * kernel.Width;
        string weights = kernel.IsDouble ? kernel.Name : ToDouble($"{name}/weights", kernel.Name);
        weights = Reshape($"{name}/weights/grouped", weights, groups, kernel.Outputs / groups, kernel.Inputs, positions);
        string scaled = Node("Mul", $"{name}/weights/scaled", [weights, Grouped(pending.Scale, "scale")]);
        string moved = Node("Mul", $"{name}/weights/moved", [weights, Grouped(pending.Shift, "shift")]);
        string sum = Node("ReduceSum", $"{name}/shift/sum", [moved, Constant($"{name}/shift/axes", 2, 3)], Integer("keepdims", 0));
        sum = Reshape($"{name}/shift/flat", sum, kernel.Outputs);
        if (bias is not null)
            sum = Node("Add", $"{name}/bias/shifted", [ToDouble($"{name}/bias/double", bias), sum]);
        return (
            kernel with { Name = Reshape($"{name}/weights/folded", scaled, kernel.Shape), IsDouble = true },
            ToSingle($"{name}/bias", sum));

        string Grouped(string value, string part) => Reshape($"{name}/{part}/grouped", value, groups, 1, kernel.Inputs, 1);
    }

    private string AddConstant(string name, ReadOnlySpan<long> shape, ElementType type, ReadOnlySpan<byte> littleEndian)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("ONNX files are written on little-endian machines only.");
        var tensor = new TensorProto { Name = Claim(name), DataType = (int)type, RawData = ByteString.CopyFrom(littleEndian) };
        tensor.Dims.AddRange(shape);
        Proto.Initializer.Add(tensor);
        return name;
    }

    private string Claim(string name) =>
        _names.Add(name) ? name : throw new ArgumentException($"The graph has two values named '{name}'.");

    private static ValueInfoProto Value(string name, ElementType type, ReadOnlySpan<long> shape)
    {
        var dimensions = new TensorShapeProto();
        dimensions.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = BatchDimension });
        foreach (long dimension in shape)
            dimensions.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = dimension });
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
