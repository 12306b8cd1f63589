using System.Globalization;
using Derm7pt.MLNet.Onnx;
using Google.Protobuf;
using ElementType = Derm7pt.MLNet.Onnx.TensorProto.Types.DataType;

namespace Derm7pt.MLNet.Tests.Networks.Encoders;

/// <summary>Writes small feature extractors as ONNX files, node by node, as other tools would.</summary>
internal sealed class ExtractorFile
{
    private readonly Random _random;

    public ExtractorFile(int seed = 1, int inputChannels = 3)
    {
        _random = new Random(seed);
        Model.Graph.Input.Add(Value(Input, inputChannels));
    }

    public const string Input = "image";

    public ModelProto Model { get; } = new()
    {
        IrVersion = 8,
        OpsetImport = { new OperatorSetIdProto { Version = 14 } },
        Graph = new GraphProto { Name = "extractor" },
    };

    /// <summary>Creates an extractor with every operator that can be trained. Its stages end at 1/2, 1/4 and 1/8 of the extent.</summary>
    public static ExtractorFile Everything(int seed = 1)
    {
        var file = new ExtractorFile(seed);
        file.Convolution("stem", Input, 3, 8, kernel: 3, strides: [2, 2], pads: [1, 1, 0, 0]);
        file.Normalization("stem/bn", "stem", 8);
        file.Node("Relu", "stem/relu", ["stem/bn"]);
        file.Node("MaxPool", "pooled", ["stem/relu"], Ints("kernel_shape", 3, 3), Ints("strides", 2, 2), Ints("pads", 1, 1, 0, 0));
        file.Convolution("depthwise", "pooled", 8, 8, kernel: 3, pads: [1, 1, 1, 1], groups: 8);
        file.Node("Clip", "clipped", ["depthwise", file.Constant("low", [], -0.4f), file.Constant("high", [], 0.6f)]);
        file.Convolution("point", "clipped", 8, 8, kernel: 1, bias: true);
        file.Node("Add", "residual", ["point", "pooled"]);
        file.Node("HardSwish", "swish", ["residual"]);
        // Squeeze and excitation.
        file.Node("GlobalAveragePool", "squeezed", ["swish"]);
        file.Convolution("reduce", "squeezed", 8, 4, kernel: 1, bias: true);
        file.Node("Relu", "reduced", ["reduce"]);
        file.Convolution("expand", "reduced", 4, 8, kernel: 1, bias: true);
        file.Node("HardSigmoid", "scales", ["expand"], Float("alpha", 1f / 6), Float("beta", 0.5f));
        file.Node("Mul", "excited", ["swish", "scales"]);
        file.Node("Identity", "alias", ["excited"]);
        file.Node("LeakyRelu", "leaky", ["alias"], Float("alpha", 0.2f));
        file.Node("Elu", "elu", ["alias"], Float("alpha", 0.7f));
        file.Node("Concat", "joined", ["leaky", "elu"], Int("axis", 1));
        file.Node("Sub", "shifted", ["joined", file.Constant("shifts", [16, 1, 1], file.Draw(16))]);
        file.Node("Div", "halved", ["shifted", file.Constant("two", [], 2)]);
        file.Node("Pad", "padded", ["halved", file.Integers("pads", 0, 0, 1, 2, 0, 0, 2, 1), file.Constant("fill", [], 0.25f)]);
        file.Convolution("wide", "padded", 16, 12, kernel: 3, strides: [2, 2], dilations: [2, 1], pads: [1, 0, 1, 0], bias: true);
        file.Node("Tanh", "squashed", ["wide"]);
        file.Node("AveragePool", "smooth", ["squashed"], Ints("kernel_shape", 3, 3), Ints("pads", 1, 1, 1, 1), Int("count_include_pad", 1));
        file.Node("Sigmoid", "features", ["smooth"]);
        file.Node("ReduceMean", "vector", ["features"], Ints("axes", -1, -2), Int("keepdims", 0));
        file.Node("Gemm", "dense", ["vector", file.Weights("dense.weight", [6, 12]), file.Weights("dense.bias", [6])], Int("transB", 1));
        file.Node("Softmax", "probabilities", ["dense"]);
        file.Output("probabilities");
        return file;
    }

    public void Convolution(
        string output, string input, int inputs, int outputs, int kernel, long[]? strides = null, long[]? pads = null, long[]? dilations = null,
        int groups = 1, bool bias = false)
    {
        List<string> names = [input, Weights($"{output}.weight", [outputs, inputs / groups, kernel, kernel])];
        if (bias)
            names.Add(Weights($"{output}.bias", [outputs]));
        Node(
            "Conv", output, names, Ints("kernel_shape", kernel, kernel), Ints("strides", strides ?? [1, 1]), Ints("pads", pads ?? [0, 0, 0, 0]),
            Ints("dilations", dilations ?? [1, 1]), Int("group", groups));
    }

    public void Normalization(string output, string input, int channels) => Node(
        "BatchNormalization", output,
        [
            input, Weights($"{output}.scale", [channels]), Weights($"{output}.shift", [channels]), Weights($"{output}.mean", [channels]),
            Constant($"{output}.variance", [channels], [.. Draw(channels).Select(value => 0.5f + Math.Abs(value))]),
        ],
        Float("epsilon", 1e-3f));

    public void Node(string operation, string output, IReadOnlyList<string> inputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operation, Output = { output } };
        node.Input.AddRange(inputs);
        node.Attribute.AddRange(attributes);
        Model.Graph.Node.Add(node);
    }

    public void Output(string name) => Model.Graph.Output.Add(new ValueInfoProto
    {
        Name = name,
        Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float } },
    });

    public string Weights(string name, long[] shape) => Constant(name, shape, Draw((int)shape.Aggregate(1L, (x, y) => x * y)));

    public string Constant(string name, long[] shape, params float[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)ElementType.Float };
        tensor.Dims.AddRange(shape);
        tensor.FloatData.AddRange(values);
        Model.Graph.Initializer.Add(tensor);
        return name;
    }

    public string Integers(string name, params long[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)ElementType.Int64, Dims = { values.Length } };
        tensor.Int64Data.AddRange(values);
        Model.Graph.Initializer.Add(tensor);
        return name;
    }

    /// <summary>Creates the bytes of the file.</summary>
    /// <param name="outputs">The values that ONNX Runtime computes instead of the file's own output.</param>
    public byte[] ToBytes(params string[] outputs)
    {
        ModelProto copy = Model.Clone();
        if (outputs.Length > 0)
        {
            copy.Graph.Output.Clear();
            foreach (string name in outputs)
                copy.Graph.Output.Add(new ValueInfoProto { Name = name, Type = Model.Graph.Output[0].Type });
        }

        return copy.ToByteArray();
    }

    /// <summary>Writes the file to a folder.</summary>
    public string Save(string folder, string name = "extractor.onnx")
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, ToBytes());
        return path;
    }

    public static AttributeProto Int(string name, long value) => GraphBuilder.Integer(name, value);

    public static AttributeProto Ints(string name, params long[] values) => GraphBuilder.Integers(name, values);

    public static AttributeProto Float(string name, float value) => GraphBuilder.Single(name, value);

    private float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (_random.NextSingle() - 0.5f) * 1.2f)];

    private static ValueInfoProto Value(string name, int channels)
    {
        var shape = new TensorShapeProto();
        foreach (string symbol in (string[])["N", channels.ToString(CultureInfo.InvariantCulture), "H", "W"])
        {
            shape.Dim.Add(int.TryParse(symbol, CultureInfo.InvariantCulture, out int extent)
                ? new TensorShapeProto.Types.Dimension { DimValue = extent }
                : new TensorShapeProto.Types.Dimension { DimParam = symbol });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float, Shape = shape } },
        };
    }
}
