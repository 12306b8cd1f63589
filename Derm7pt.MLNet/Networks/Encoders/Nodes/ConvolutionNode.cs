using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks;

/// <summary>Computes a convolution, ONNX <c>Conv</c>.</summary>
/// <param name="Output">The value that it computes.</param>
/// <param name="Input">The value that it reads.</param>
/// <param name="Weight">The name of its kernel, [filters, group inputs, height, width].</param>
/// <param name="Bias">The name of its bias, [filters]; <see langword="null"/> for none.</param>
/// <param name="Filters">The number of output channels.</param>
/// <param name="GroupInputs">The number of input channels of a group.</param>
/// <param name="Groups">The number of groups, each of which reads and computes separate channels.</param>
/// <param name="Window">The sizes, strides, padding and dilations of the kernel.</param>
internal sealed record ConvolutionNode(
    string Output, string Input, string Weight, string? Bias, int Filters, int GroupInputs, int Groups, SlidingWindow Window)
    : EncoderNode(Output, [Input])
{
    public override bool KeepsOutput => false;

    public override IEnumerable<string> Problems(FeatureShape[] inputs) =>
    [
        .. Window.Problems(Output),
        .. Range("The filters", Filters, 1, NetworkLimits.Filters),
        .. Range("The inputs of a group", GroupInputs, 1, NetworkLimits.Filters),
        .. Range("The groups", Groups, 1, NetworkLimits.Filters),
        .. Require(
            !inputs[0].IsVector && (long)GroupInputs * Groups == inputs[0].Channels && Filters % Math.Max(1, Groups) == 0,
            Invariant($"reads {GroupInputs} channels in each of {Groups} groups and has {Filters} filters, and '{Input}' has {inputs[0].Channels} channels")),
    ];

    public override FeatureShape OutputShape(FeatureShape[] inputs, int axis) => new(Filters, Window.Positions(inputs[0].Extent, axis));

    public override IEnumerable<ParameterSpec> Parameters()
    {
        yield return new ParameterSpec(
            Weight, [Filters, GroupInputs, Window.KernelHeight, Window.KernelWidth], ParameterRole.Kernel, ParameterOwner.Shared, Initialization.Zeros);
        if (Bias is not null)
            yield return new ParameterSpec(Bias, [Filters], ParameterRole.Bias, ParameterOwner.Shared, Initialization.Zeros);
    }

    public override Tensor Forward(TorchScope scope, Tensor[] inputs, bool mayOverwrite) =>
        Convolution.Apply(inputs[0], scope[Weight], Bias is null ? null : scope[Bias], Window, Groups);

    public override string Emit(GraphScope scope, string[] inputs) => scope.Graph.Node(
        "Conv", scope.Name(Output),
        Bias is null ? [inputs[0], scope.Parameter(Weight)] : [inputs[0], scope.Parameter(Weight), scope.Parameter(Bias)],
        [.. Window.Attributes(), GraphBuilder.Integers("dilations", Window.Dilations), GraphBuilder.Integer("group", Groups)]);
}
