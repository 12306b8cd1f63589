using System.Collections.Immutable;
using System.Globalization;
using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Onnx;

namespace Derm7pt.MLNet.Networks;

/// <summary>Translates the nodes of a file to <see cref="EncoderNode"/> objects.</summary>
/// <param name="tensors">The constants of the file; those of Constant nodes are added.</param>
/// <param name="shapes">The shapes of the values that have been translated.</param>
internal sealed class NodeTranslation(OrderedDictionary<string, OnnxTensor> tensors, IReadOnlyDictionary<string, FeatureShape> shapes)
{
    private const int MaximumRank = 4;

    /// <summary>Translates a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="inputs">The names of its inputs, with aliases resolved.</param>
    /// <param name="output">The name of its first output.</param>
    /// <exception cref="NotSupportedException">There is no translation; the message is a sentence that states the reason.</exception>
    public IEnumerable<EncoderNode> Translate(OnnxNode node, string[] inputs, string output)
    {
        if (node.Domain is not ("" or "ai.onnx"))
            throw Unsupported(node, output, $"belongs to '{node.Domain}', not to the standard operators");
        switch (node.Operation)
        {
            case "Constant":
                AddConstant(node, output);
                return [];
            case "Conv":
                return [Convolution(node, inputs, output)];
            case "BatchNormalization":
                return [Normalization(node, inputs, output)];
            case "Relu" or "Sigmoid" or "Tanh" or "HardSwish":
                return [new ActivationNode(output, Feature(node, inputs, 0, output), Enum.Parse<ActivationFunction>(node.Operation), 0, 0)];
            case "HardSigmoid":
                return
                [
                    new ActivationNode(
                        output, Feature(node, inputs, 0, output), ActivationFunction.HardSigmoid, node.Float("alpha", 0.2f), node.Float("beta", 0.5f)),
                ];
            case "LeakyRelu":
                return [new ActivationNode(output, Feature(node, inputs, 0, output), ActivationFunction.LeakyRelu, node.Float("alpha", 0.01f), 0)];
            case "Elu":
                return [new ActivationNode(output, Feature(node, inputs, 0, output), ActivationFunction.Elu, node.Float("alpha", 1), 0)];
            case "Clip":
                return [Clip(node, inputs, output)];
            case "Add" or "Sub" or "Mul" or "Div":
                return Arithmetic(node, inputs, output);
            case "Concat":
                Require(node, output, node.Integer("axis", 1) is 1 or -3, "joins other dimensions than channels");
                return [new ConcatenationNode(output, [.. inputs.Select((_, i) => Feature(node, inputs, i, output))])];
            case "MaxPool" or "AveragePool":
                return [Pooling(node, inputs, output)];
            case "GlobalAveragePool" or "GlobalMaxPool":
                return [new GlobalPoolingNode(output, Feature(node, inputs, 0, output), node.Operation == "GlobalMaxPool")];
            case "ReduceMean":
                return MeanOfPositions(node, inputs, output);
            case "Pad":
                return [Padding(node, inputs, output)];
            case "Flatten":
                Require(node, output, node.Integer("axis", 1) is 1 or -3, "keeps other dimensions than the first");
                return [new FlatteningNode(output, Feature(node, inputs, 0, output))];
            case "Reshape":
                Require(node, output, Integers(node, inputs, 1, "shape", output) is [_, _], "makes anything but a vector of each image");
                return [new FlatteningNode(output, Feature(node, inputs, 0, output))];
            case "Squeeze":
                Require(
                    node, output, Integers(node, inputs, 1, "axes", output).Select(axis => axis < 0 ? axis + MaximumRank : axis).Order().SequenceEqual([2L, 3L]),
                    "leaves out other dimensions than those of the image");
                return [new FlatteningNode(output, Feature(node, inputs, 0, output))];
            case "Gemm":
                return [Dense(node, inputs, output)];
            default:
                throw Unsupported(node, output, "has no counterpart that can be trained");
        }
    }

    private void AddConstant(OnnxNode node, string output)
    {
        OnnxTensor tensor = node.Attributes.TryGetValue("value", out OnnxAttribute? value) && value.Tensor is { } found
            ? found with { Name = output }
            : throw Unsupported(node, output, "holds no tensor");
        if (!tensors.TryAdd(output, tensor))
            throw new FormatException($"the graph has two tensors named '{output}'.");
    }

    private ConvolutionNode Convolution(OnnxNode node, string[] inputs, string output)
    {
        OnnxTensor weight = Tensor(node, inputs, 1, output);
        Require(node, output, weight.Shape.Length == 4, "does not convolve an image");
        SlidingWindow window = Window(node, output, Size(node, output, weight.Shape[2]), Size(node, output, weight.Shape[3]));
        string? bias = inputs.Length > 2 && inputs[2].Length > 0 ? Tensor(node, inputs, 2, output).Name : null;
        return new ConvolutionNode(
            output, Feature(node, inputs, 0, output), weight.Name, bias, Size(node, output, weight.Shape[0]), Size(node, output, weight.Shape[1]),
            Size(node, output, node.Integer("group", 1)), window);
    }

    private NormalizationNode Normalization(OnnxNode node, string[] inputs, string output)
    {
        Require(node, output, node.Integer("spatial", 1) == 1 && node.Integer("training_mode", 0) == 0, "normalizes single positions, or by the batch");
        OnnxTensor scale = Tensor(node, inputs, 1, output);
        Require(node, output, scale.Shape.Length == 1, "has a scale that is not a vector");
        return new NormalizationNode(
            output, Feature(node, inputs, 0, output), scale.Name, Tensor(node, inputs, 2, output).Name, Tensor(node, inputs, 3, output).Name,
            Tensor(node, inputs, 4, output).Name, Size(node, output, scale.Shape[0]), node.Float("epsilon", 1e-5f));
    }

    private ActivationNode Clip(OnnxNode node, string[] inputs, string output) => new(
        output, Feature(node, inputs, 0, output), ActivationFunction.Clip,
        Number(node, inputs, 1, "min", float.NegativeInfinity, output), Number(node, inputs, 2, "max", float.PositiveInfinity, output));

    private IEnumerable<EncoderNode> Arithmetic(OnnxNode node, string[] inputs, string output)
    {
        Require(node, output, inputs.Length == 2, "must have two inputs");
        var operands = new string[2];
        for (int i = 0; i < 2; i++)
        {
            if (shapes.ContainsKey(inputs[i]))
            {
                operands[i] = inputs[i];
                continue;
            }

            OnnxTensor constant = Tensor(node, inputs, i, output);
            // The expected shape is [1, C, 1, 1], with or without leading dimensions of 1. A single number has no dimensions or only ones.
            long[] padded = [.. Enumerable.Repeat(1L, Math.Max(0, MaximumRank - constant.Shape.Length)), .. constant.Shape];
            Require(node, output, padded is [1, > 0, 1, 1], "combines features with a constant of another shape than one number per channel");
            operands[i] = Invariant($"{output}/constant{i}");
            yield return new ConstantNode(operands[i], constant.Name, Size(node, output, padded[1]));
        }

        yield return new ArithmeticNode(output, operands[0], operands[1], Enum.Parse<ArithmeticOperation>(node.Operation));
    }

    private PoolingNode Pooling(OnnxNode node, string[] inputs, string output)
    {
        bool isMaximum = node.Operation == "MaxPool";
        Require(node, output, node.Integer("ceil_mode", 0) == 0, "rounds the number of positions up");
        Require(node, output, node.Outputs.Count(name => name.Length > 0) == 1, "also computes positions");
        ImmutableArray<long> kernel = node.Integers("kernel_shape");
        Require(node, output, kernel.Length == 2, "does not pool an image");
        SlidingWindow window = Window(node, output, Size(node, output, kernel[0]), Size(node, output, kernel[1]));
        return new PoolingNode(output, Feature(node, inputs, 0, output), isMaximum, node.Integer("count_include_pad", 0) != 0, window);
    }

    private IEnumerable<EncoderNode> MeanOfPositions(OnnxNode node, string[] inputs, string output)
    {
        Require(
            node, output, Integers(node, inputs, 1, "axes", output).Select(axis => axis < 0 ? axis + MaximumRank : axis).Order().SequenceEqual([2L, 3L]),
            "averages over other dimensions than those of the image");
        string input = Feature(node, inputs, 0, output);
        if (node.Integer("keepdims", 1) != 0)
            return [new GlobalPoolingNode(output, input, IsMaximum: false)];
        return [new GlobalPoolingNode($"{output}/mean", input, IsMaximum: false), new FlatteningNode(output, $"{output}/mean")];
    }

    private PaddingNode Padding(OnnxNode node, string[] inputs, string output)
    {
        Require(node, output, node.Text("mode", "constant") == "constant" && (inputs.Length < 4 || inputs[3].Length == 0), "does not pad with a constant");
        long[] pads = Integers(node, inputs, 1, "pads", output);
        Require(node, output, pads is [0, 0, _, _, 0, 0, _, _], "pads other dimensions than those of the image");
        return new PaddingNode(
            output, Feature(node, inputs, 0, output), Size(node, output, pads[2]), Size(node, output, pads[3]), Size(node, output, pads[6]),
            Size(node, output, pads[7]), Number(node, inputs, 2, "value", 0, output));
    }

    private DenseNode Dense(OnnxNode node, string[] inputs, string output)
    {
        Require(
            node, output, node.Float("alpha", 1) == 1 && node.Float("beta", 1) == 1 && node.Integer("transA", 0) == 0,
            "scales or transposes what it reads");
        OnnxTensor weight = Tensor(node, inputs, 1, output);
        Require(node, output, weight.Shape.Length == 2, "has weights that are no matrix");
        bool isTransposed = node.Integer("transB", 0) != 0;
        return new DenseNode(
            output, Feature(node, inputs, 0, output), weight.Name, inputs.Length > 2 && inputs[2].Length > 0 ? Tensor(node, inputs, 2, output).Name : null,
            Size(node, output, weight.Shape[isTransposed ? 0 : 1]), Size(node, output, weight.Shape[isTransposed ? 1 : 0]), isTransposed);
    }

    private static SlidingWindow Window(OnnxNode node, string output, int height, int width)
    {
        ImmutableArray<long> strides = node.Integers("strides"), dilations = node.Integers("dilations"), pads = node.Integers("pads");
        (int strideY, int strideX) = Pair(strides);
        (int dilationY, int dilationX) = Pair(dilations);
        switch (node.Text("auto_pad", "NOTSET"))
        {
            case "VALID":
                pads = [];
                break;
            case "NOTSET":
                break;
            case "SAME_UPPER" or "SAME_LOWER" when strideY == 1 && strideX == 1:
                (long y, long x) = ((long)dilationY * (height - 1), (long)dilationX * (width - 1));
                pads = node.Text("auto_pad", "") == "SAME_UPPER"
                    ? [y / 2, x / 2, y - (y / 2), x - (x / 2)]
                    : [y - (y / 2), x - (x / 2), y / 2, x / 2];
                break;
            default:
                throw Unsupported(node, output, "has a padding that depends on the size of the image");
        }

        Require(node, output, pads.Length is 0 or 4, "does not have four sizes of padding");
        return pads.Length == 0
            ? new SlidingWindow(height, width, strideY, strideX, 0, 0, 0, 0, dilationY, dilationX)
            : new SlidingWindow(
                height, width, strideY, strideX, Size(node, output, pads[0]), Size(node, output, pads[1]), Size(node, output, pads[2]),
                Size(node, output, pads[3]), dilationY, dilationX);

        (int Y, int X) Pair(ImmutableArray<long> values)
        {
            Require(node, output, values.Length is 0 or 2, "has strides or dilations of other than two dimensions");
            return values.Length == 0 ? (1, 1) : (Size(node, output, values[0]), Size(node, output, values[1]));
        }
    }

    private string Feature(OnnxNode node, string[] inputs, int index, string output) =>
        index < inputs.Length && shapes.ContainsKey(inputs[index])
            ? inputs[index]
            : throw Unsupported(node, output, $"reads {Name(inputs, index)}, which is not computed from the image");

    private OnnxTensor Tensor(OnnxNode node, string[] inputs, int index, string output) =>
        index < inputs.Length && tensors.TryGetValue(inputs[index], out OnnxTensor? tensor)
            ? tensor
            : throw Unsupported(node, output, $"reads {Name(inputs, index)}, which is not a constant");

    private static string Name(string[] inputs, int index) => index < inputs.Length ? $"'{inputs[index]}'" : Invariant($"no input {index + 1}");

    /// <summary>Reads integers that are an attribute in older versions of an operator, and a constant input in newer versions.</summary>
    private long[] Integers(OnnxNode node, string[] inputs, int index, string attribute, string output) =>
        node.Attributes.ContainsKey(attribute) ? [.. node.Integers(attribute)] : Tensor(node, inputs, index, output).Integers(2 * MaximumRank);

    /// <summary>Reads a number that is an attribute in older versions of an operator, and a constant input in newer versions.</summary>
    private float Number(OnnxNode node, string[] inputs, int index, string attribute, float otherwise, string output)
    {
        if (node.Attributes.ContainsKey(attribute))
            return node.Float(attribute, otherwise);
        if (index >= inputs.Length || inputs[index].Length == 0)
            return otherwise;
        OnnxTensor tensor = Tensor(node, inputs, index, output);
        Require(node, output, tensor.Shape.Length <= 1 && tensor.Shape.All(extent => extent == 1), "has a bound that is not a single number");
        return tensor.Values(tensor.Shape)[0];
    }

    private static int Size(OnnxNode node, string output, long value) => value is >= 0 and <= NetworkLimits.Filters
        ? (int)value
        : throw Unsupported(node, output, string.Create(CultureInfo.InvariantCulture, $"has the size {value}"));

    private static void Require(OnnxNode node, string output, bool condition, string problem)
    {
        if (!condition)
            throw Unsupported(node, output, problem);
    }

    private static NotSupportedException Unsupported(OnnxNode node, string output, string problem) =>
        new($"The operator {node.Operation} of '{output}' {problem}.");
}
