using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Networks;

/// <summary>Computes the maximum or the mean of a window, ONNX <c>MaxPool</c> and <c>AveragePool</c>.</summary>
/// <param name="Output">The value that it computes.</param>
/// <param name="Input">The value that it reads.</param>
/// <param name="IsMaximum">Whether the node computes the maximum rather than the mean.</param>
/// <param name="CountsPadding">Whether a mean includes padding as zeros.</param>
/// <param name="Window">The sizes, strides and padding of the window.</param>
internal sealed record PoolingNode(string Output, string Input, bool IsMaximum, bool CountsPadding, SlidingWindow Window)
    : EncoderNode(Output, [Input])
{
    public override bool KeepsOutput => false;

    public override IEnumerable<string> Problems(FeatureShape[] inputs) =>
    [
        .. Window.Problems(Output),
        .. Require(!inputs[0].IsVector, "pools a vector"),
        .. Require(
            2 * Math.Max(Window.Top, Window.Bottom) <= Window.KernelHeight && 2 * Math.Max(Window.Left, Window.Right) <= Window.KernelWidth,
            "has a padding of more than half of the window"),
        .. Require(
            IsMaximum || (Window.Top == Window.Bottom && Window.Left == Window.Right && Window.DilationY * Window.DilationX == 1),
            "must be a mean with the same padding on both sides and no dilation"),
    ];

    public override FeatureShape OutputShape(FeatureShape[] inputs, int axis) =>
        inputs[0] with { Extent = Window.Positions(inputs[0].Extent, axis) };

    public override Tensor Forward(TorchScope scope, Tensor[] inputs, bool mayOverwrite)
    {
        Tensor x = inputs[0];
        if (!IsMaximum)
        {
            return F.avg_pool2d(
                x, Window.Kernel, Window.Strides, [Window.Top, Window.Left], ceil_mode: false, count_include_pad: CountsPadding);
        }

        // Torch pads both sides equally. If the padding after the image is smaller, the surplus last positions are removed.
        if (Window.Bottom <= Window.Top && Window.Right <= Window.Left)
        {
            Tensor pooled = F.max_pool2d(x, Window.Kernel, Window.Strides, [Window.Top, Window.Left], Window.Dilations);
            return pooled.narrow(2, 0, Window.Positions((int)x.shape[2], 0)).narrow(3, 0, Window.Positions((int)x.shape[3], 1));
        }

        Tensor padded = F.pad(x, [Window.Left, Window.Right, Window.Top, Window.Bottom], TorchSharp.PaddingModes.Constant, double.NegativeInfinity);
        return F.max_pool2d(padded, Window.Kernel, Window.Strides, dilation: Window.Dilations);
    }

    public override string Emit(GraphScope scope, string[] inputs) => scope.Graph.Node(
        IsMaximum ? "MaxPool" : "AveragePool", scope.Name(Output), inputs,
        IsMaximum
            ? [.. Window.Attributes(), GraphBuilder.Integers("dilations", Window.Dilations)]
            : [.. Window.Attributes(), GraphBuilder.Integer("count_include_pad", CountsPadding ? 1 : 0)]);
}

/// <summary>Computes the maximum or the mean over all positions, ONNX <c>GlobalMaxPool</c> and <c>GlobalAveragePool</c>.</summary>
/// <param name="Output">The value that it computes, [N, channels, 1, 1].</param>
/// <param name="Input">The value that it reads.</param>
/// <param name="IsMaximum">Whether the node computes the maximum rather than the mean.</param>
internal sealed record GlobalPoolingNode(string Output, string Input, bool IsMaximum) : EncoderNode(Output, [Input])
{
    public override bool KeepsOutput => false;

    public override IEnumerable<string> Problems(FeatureShape[] inputs) => Require(!inputs[0].IsVector, "pools a vector");

    public override FeatureShape OutputShape(FeatureShape[] inputs, int axis) => inputs[0] with { Extent = 1 };

    public override Tensor Forward(TorchScope scope, Tensor[] inputs, bool mayOverwrite) =>
        IsMaximum ? inputs[0].amax([2, 3], keepdim: true) : inputs[0].mean([2, 3], keepdim: true);

    public override string Emit(GraphScope scope, string[] inputs) =>
        scope.Graph.Node(IsMaximum ? "GlobalMaxPool" : "GlobalAveragePool", scope.Name(Output), inputs);
}
