using System.Collections.Immutable;
using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks;

/// <summary>Specifies an element-wise operation on two values; the names are those of the ONNX operators.</summary>
internal enum ArithmeticOperation
{
    Add,
    Sub,
    Mul,
    Div,
}

/// <summary>Combines two values element by element; an extent or a number of channels of 1 is broadcast.</summary>
/// <param name="Output">The value that it computes.</param>
/// <param name="Left">The first value.</param>
/// <param name="Right">The second value.</param>
/// <param name="Operation">The operation.</param>
internal sealed record ArithmeticNode(string Output, string Left, string Right, ArithmeticOperation Operation)
    : EncoderNode(Output, [Left, Right])
{
    // The backward pass of sums and differences does not need their values.
    public override bool KeepsOutput => Operation is not (ArithmeticOperation.Add or ArithmeticOperation.Sub);

    public override IEnumerable<string> Problems(FeatureShape[] inputs) =>
    [
        .. Require(Enum.IsDefined(Operation), "has an unknown operation"),
        .. Require(
            Fits(inputs[0].Channels, inputs[1].Channels) && inputs[0].IsVector == inputs[1].IsVector,
            Invariant($"combines '{Left}' of {inputs[0].Channels} channels and '{Right}' of {inputs[1].Channels}, and one of them is no image or vector as the other")),
    ];

    public override FeatureShape OutputShape(FeatureShape[] inputs, int axis) => new(
        Math.Max(inputs[0].Channels, inputs[1].Channels),
        Fits(inputs[0].Extent, inputs[1].Extent) ? Math.Max(inputs[0].Extent, inputs[1].Extent) : 0,
        inputs[0].IsVector);

    public override Tensor Forward(TorchScope scope, Tensor[] inputs, bool mayOverwrite) => Operation switch
    {
        ArithmeticOperation.Add => inputs[0].Plus(inputs[1]),
        ArithmeticOperation.Sub => inputs[0] - inputs[1],
        ArithmeticOperation.Mul => inputs[0] * inputs[1],
        _ => inputs[0] / inputs[1],
    };

    public override string Emit(GraphScope scope, string[] inputs) => scope.Graph.Node(Operation.ToString(), scope.Name(Output), inputs);

    private static bool Fits(int left, int right) => left == right || left == 1 || right == 1;
}

/// <summary>Represents a constant that an <see cref="ArithmeticNode"/> reads, ONNX <c>Constant</c>; training does not change it.</summary>
/// <param name="Output">The value.</param>
/// <param name="Tensor">The name of the tensor, [1, channels, 1, 1].</param>
/// <param name="Channels">The number of channels; 1 for a single number.</param>
internal sealed record ConstantNode(string Output, string Tensor, int Channels) : EncoderNode(Output, [])
{
    public override IEnumerable<string> Problems(FeatureShape[] inputs) => Range("The channels", Channels, 1, NetworkLimits.Filters);

    public override FeatureShape OutputShape(FeatureShape[] inputs, int axis) => new(Channels, Extent: 1);

    public override IEnumerable<ParameterSpec> Parameters() =>
        [new ParameterSpec(Tensor, [1, Channels, 1, 1], ParameterRole.Buffer, ParameterOwner.Shared, Initialization.Zeros)];

    public override Tensor Forward(TorchScope scope, Tensor[] inputs, bool mayOverwrite) => scope[Tensor].alias();

    public override string Emit(GraphScope scope, string[] inputs) => scope.Parameter(Tensor);
}

/// <summary>Concatenates the channels of several values, ONNX <c>Concat</c>.</summary>
/// <param name="Output">The value that it computes.</param>
/// <param name="Parts">The values, first to last.</param>
internal sealed record ConcatenationNode(string Output, ImmutableArray<string> Parts) : EncoderNode(Output, Parts)
{
    public override IEnumerable<string> Problems(FeatureShape[] inputs) =>
    [
        .. Require(inputs.Length > 0 && inputs.All(input => input.IsVector == inputs[0].IsVector), "joins images and vectors, or nothing"),
        .. Require(inputs.Sum(input => (long)input.Channels) <= NetworkLimits.Filters, $"has more than {NetworkLimits.Filters} channels"),
    ];

    public override FeatureShape OutputShape(FeatureShape[] inputs, int axis) => new(
        inputs.Sum(input => input.Channels), inputs.All(input => input.Extent == inputs[0].Extent) ? inputs[0].Extent : 0, inputs[0].IsVector);

    public override Tensor Forward(TorchScope scope, Tensor[] inputs, bool mayOverwrite) => cat(inputs, 1);

    public override string Emit(GraphScope scope, string[] inputs) =>
        scope.Graph.Node("Concat", scope.Name(Output), inputs, GraphBuilder.Integer("axis", 1));

    public bool Equals(ConcatenationNode? other) => base.Equals(other);

    public override int GetHashCode() => base.GetHashCode();
}
