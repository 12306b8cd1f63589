using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Networks;

/// <summary>Computes a dense layer, ONNX <c>Gemm</c>.</summary>
/// <param name="Output">The value that it computes, [N, units].</param>
/// <param name="Input">The vector that it reads.</param>
/// <param name="Weight">The name of its weights, [units, inputs], or [inputs, units].</param>
/// <param name="Bias">The name of its bias, [units]; <see langword="null"/> for none.</param>
/// <param name="Units">The number of outputs.</param>
/// <param name="InputUnits">The number of inputs.</param>
/// <param name="IsTransposed">Whether the weights are [units, inputs].</param>
internal sealed record DenseNode(string Output, string Input, string Weight, string? Bias, int Units, int InputUnits, bool IsTransposed)
    : EncoderNode(Output, [Input])
{
    public override bool KeepsOutput => false;

    public override IEnumerable<string> Problems(FeatureShape[] inputs) =>
    [
        .. Range("The units", Units, 1, NetworkLimits.Filters),
        .. Require(
            inputs[0].IsVector && InputUnits == inputs[0].Channels,
            Invariant($"reads vectors of {InputUnits} values, and '{Input}' has {inputs[0].Channels} channels")),
    ];

    public override FeatureShape OutputShape(FeatureShape[] inputs, int axis) => new(Units, Extent: inputs[0].Extent, IsVector: true);

    public override IEnumerable<ParameterSpec> Parameters()
    {
        yield return new ParameterSpec(
            Weight, IsTransposed ? [Units, InputUnits] : [InputUnits, Units], ParameterRole.Kernel, ParameterOwner.Shared, Initialization.Zeros);
        if (Bias is not null)
            yield return new ParameterSpec(Bias, [Units], ParameterRole.Bias, ParameterOwner.Shared, Initialization.Zeros);
    }

    public override Tensor Forward(TorchScope scope, Tensor[] inputs, bool mayOverwrite) =>
        F.linear(inputs[0], IsTransposed ? scope[Weight] : scope[Weight].t(), Bias is null ? null : scope[Bias]);

    public override string Emit(GraphScope scope, string[] inputs) => scope.Graph.Node(
        "Gemm", scope.Name(Output),
        Bias is null ? [inputs[0], scope.Parameter(Weight)] : [inputs[0], scope.Parameter(Weight), scope.Parameter(Bias)],
        GraphBuilder.Integer("transB", IsTransposed ? 1 : 0));
}

/// <summary>Converts an image with one position to a vector, ONNX <c>Flatten</c>.</summary>
/// <param name="Output">The value that it computes, [N, channels].</param>
/// <param name="Input">The value that it reads, [N, channels, 1, 1].</param>
internal sealed record FlatteningNode(string Output, string Input) : EncoderNode(Output, [Input])
{
    public override IEnumerable<string> Problems(FeatureShape[] inputs) => [];

    // With more than one position, the dense layer that follows would depend on the size of the image.
    public override FeatureShape OutputShape(FeatureShape[] inputs, int axis) =>
        new(inputs[0].Channels, inputs[0].Extent == 1 ? 1 : 0, IsVector: true);

    public override Tensor Forward(TorchScope scope, Tensor[] inputs, bool mayOverwrite) => inputs[0].flatten(1);

    public override string Emit(GraphScope scope, string[] inputs) =>
        scope.Graph.Node("Flatten", scope.Name(Output), inputs, GraphBuilder.Integer("axis", 1));
}

/// <summary>Pads an image with rows and columns of a constant value, ONNX <c>Pad</c>.</summary>
/// <param name="Output">The value that it computes.</param>
/// <param name="Input">The value that it reads.</param>
/// <param name="Top">Rows added before the image.</param>
/// <param name="Left">Columns added before the image.</param>
/// <param name="Bottom">Rows added after the image.</param>
/// <param name="Right">Columns added after the image.</param>
/// <param name="Value">The value.</param>
internal sealed record PaddingNode(string Output, string Input, int Top, int Left, int Bottom, int Right, float Value)
    : EncoderNode(Output, [Input])
{
    public override bool KeepsOutput => false;

    public override IEnumerable<string> Problems(FeatureShape[] inputs) =>
    [
        .. Require(
            ((int[])[Top, Left, Bottom, Right]).All(value => value is >= 0 and <= NetworkLimits.KernelExtent),
            $"must have a padding from 0 to {NetworkLimits.KernelExtent} on each side"),
        .. Require(float.IsFinite(Value) && !inputs[0].IsVector, "must pad an image with a finite value"),
    ];

    public override FeatureShape OutputShape(FeatureShape[] inputs, int axis) =>
        inputs[0] with { Extent = inputs[0].Extent + (axis == 0 ? Top + Bottom : Left + Right) };

    public override Tensor Forward(TorchScope scope, Tensor[] inputs, bool mayOverwrite) =>
        F.pad(inputs[0], [Left, Right, Top, Bottom], TorchSharp.PaddingModes.Constant, Value);

    public override string Emit(GraphScope scope, string[] inputs)
    {
        string output = scope.Name(Output);
        return scope.Graph.Node(
            "Pad", output,
            [
                inputs[0], scope.Graph.Constant($"{output}/pads", 0, 0, Top, Left, 0, 0, Bottom, Right),
                scope.Graph.Constant($"{output}/value", [], [Value]),
            ]);
    }
}
