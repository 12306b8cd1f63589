using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks;

/// <summary>Represents the 1×1 convolutions with ReLU, one per task, that read the tasks' views of the features.</summary>
/// <param name="Tasks">T.</param>
/// <param name="ViewChannels">R, the number of input channels per task.</param>
/// <param name="Width">M, the number of output channels per task.</param>
internal readonly record struct MixingConvolution(int Tasks, int ViewChannels, int Width)
{
    private const string Weight = "weight", Bias = "bias";

    public IEnumerable<ParameterSpec> Parameters() =>
    [
        new ParameterSpec(
            Weight, [Tasks, Width, ViewChannels], ParameterRole.Kernel, ParameterOwner.EachTask, Initialization.GlorotUniform(ViewChannels, Width)),
        new ParameterSpec(Bias, [Tasks * Width], ParameterRole.Bias, ParameterOwner.EachTask, Initialization.Zeros),
    ];

    /// <summary>Computes the weights that read the features directly, and the biases.</summary>
    /// <param name="scope">The tensors of the convolution.</param>
    /// <param name="views">The views that the tasks read.</param>
    /// <returns>[T, M, K + 1], where the last element of each row is the bias.</returns>
    public Tensor Fold(TorchScope scope, TaskViews<Tensor, Tensor> views) =>
        cat([views.Fold(scope[Weight]), scope[Bias].reshape(Tasks, Width, 1)], 2);

    /// <returns>[N, T·M, h, w]</returns>
    /// <inheritdoc cref="Fold"/>
    public Tensor Forward(TorchScope scope, TaskViews<Tensor, Tensor> views)
    {
        Tensor folded = views.Fold(scope[Weight]).reshape(Tasks * Width, views.Features.shape[1], 1, 1);
        return Convolution.Apply(views.Features, folded, scope[Bias]).relu_();
    }

    /// <summary>Computes the averages of the output of <see cref="Forward"/> over the positions of each image.</summary>
    /// <returns>[N, T·M]</returns>
    /// <inheritdoc cref="Fold"/>
    public Tensor Average(TorchScope scope, TaskViews<Tensor, Tensor> views) => AveragedMixingFunction.Supports(views.Features)
        ? AveragedMixingFunction.Apply(views.Features.contiguous(), Fold(scope, views))
        : Forward(scope, views).mean([2, 3]);

    /// <summary>Adds the nodes of the convolution to a graph.</summary>
    public GraphValue Emit(GraphScope scope, TaskViews<GraphValue, string> views)
    {
        GraphBuilder graph = scope.Graph;
        string weights = views.Fold(graph.ToDouble(scope.Name("double"), scope.Parameter(Weight)));
        long[] shape = [Tasks * Width, views.Features.Channels, 1, 1];
        var kernel = new GraphKernel(
            graph.Reshape(scope.Name("read"), weights, shape), shape[0], shape[1], Height: 1, Width: 1, IsDouble: true);
        GraphValue mixed = graph.Convolution(scope.Name("conv"), views.Features, kernel, scope.Parameter(Bias));
        return mixed with { Name = graph.Relu(scope.Name("relu"), mixed.Name) };
    }
}
