using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Networks;

/// <summary>
/// A block of all tasks: from the second block on a <see cref="MixingConvolution"/> that reads the tasks' views of the previous
/// block; then a k×k convolution without bias or padding, ReLU and 2×2 max pooling.
/// </summary>
/// <remarks>
/// The tasks are computed together: their T convolutions are one grouped convolution, or a dense one in the first block, where
/// all tasks read the same features. On the processor a block is one kernel (<see cref="BlockFunction"/>), elsewhere a few
/// operators of torch.
/// </remarks>
/// <param name="Channels">C, the channels that the convolution gives each task.</param>
/// <param name="KernelSize">k.</param>
/// <param name="Stride">The stride of the convolution.</param>
internal sealed record ConvolutionBlock(int Channels, int KernelSize, int Stride)
{
    private const string Kernel = "kernel", Mix = "mix";
    private const int PoolingSize = 2;

    /// <summary>The height or width of the block's output; 0 where its input is too small.</summary>
    public int OutputExtent(int extent) => extent < KernelSize ? 0 : (((extent - KernelSize) / Stride) + 1) / PoolingSize;

    /// <param name="tasks">T.</param>
    /// <param name="inputChannels">The channels of the features, where all tasks read the same ones.</param>
    /// <param name="mixing">How the tasks read their views; <see langword="null"/> in the first block.</param>
    public IEnumerable<ParameterSpec> Parameters(int tasks, int inputChannels, MixingConvolution? mixing)
    {
        long read = mixing?.Width ?? inputChannels, positions = (long)KernelSize * KernelSize;
        return
        [
            .. mixing?.Parameters().Select(parameter => parameter.In(Mix)) ?? [],
            new ParameterSpec(
                Kernel, [(long)tasks * Channels, read, KernelSize, KernelSize], ParameterRole.Kernel, ParameterOwner.EachTask,
                Initialization.GlorotUniform(read * positions, Channels * positions)),
        ];
    }

    /// <summary>Computes the first block.</summary>
    /// <param name="scope">The tensors of the block.</param>
    /// <param name="features">[N, channels, h, w]</param>
    /// <returns>[N, T·C, h', w']</returns>
    public Tensor Forward(TorchScope scope, Tensor features) => BlockFunction.Supports(features, mixes: false)
        ? BlockFunction.Apply(features.contiguous(), mix: null, scope[Kernel], groups: 1, Stride)
        : Convolve(features, scope[Kernel], groups: 1);

    /// <summary>Computes a later block.</summary>
    /// <param name="scope">The tensors of the block.</param>
    /// <param name="views">What the tasks read.</param>
    /// <param name="mixing">How they read it.</param>
    /// <returns>[N, T·C, h', w']</returns>
    public Tensor Forward(TorchScope scope, TaskViews<Tensor, Tensor> views, MixingConvolution mixing) =>
        BlockFunction.Supports(views.Features, mixes: true)
            ? BlockFunction.Apply(views.Features.contiguous(), mixing.Fold(scope.In(Mix), views), scope[Kernel], mixing.Tasks, Stride)
            : Convolve(mixing.Forward(scope.In(Mix), views), scope[Kernel], mixing.Tasks);

    /// <summary>Adds the nodes of the first block to a graph.</summary>
    public GraphValue Emit(GraphScope scope, GraphValue features, int tasks) => Emit(scope, features, tasks, groups: 1);

    /// <summary>Adds the nodes of a later block to a graph.</summary>
    public GraphValue Emit(GraphScope scope, TaskViews<GraphValue, string> views, MixingConvolution mixing) =>
        Emit(scope, mixing.Emit(scope.In(Mix), views), mixing.Tasks, mixing.Tasks);

    public override string ToString() => $"{Channels} filters, kernel size {KernelSize}, stride {Stride}";

    private Tensor Convolve(Tensor input, Tensor kernel, int groups)
    {
        Tensor convolved = Convolution.Apply(input, kernel, bias: null, Stride, groups);
        // Pooling first and rectifying after gives the same values (both are monotone) on a quarter of the elements.
        return F.max_pool2d(convolved, PoolingSize, PoolingSize).relu_();
    }

    private GraphValue Emit(GraphScope scope, GraphValue input, int tasks, int groups)
    {
        GraphBuilder graph = scope.Graph;
        var kernel = new GraphKernel(scope.Parameter(Kernel), (long)tasks * Channels, input.Channels / groups, KernelSize, KernelSize);
        GraphValue convolved = graph.Convolution(scope.Name("conv"), input, kernel, bias: null, Stride, groups);
        string pooled = graph.Node(
            "MaxPool", scope.Name("pooled"), [graph.Relu(scope.Name("relu"), convolved.Name)],
            GraphBuilder.Integers("kernel_shape", PoolingSize, PoolingSize), GraphBuilder.Integers("strides", PoolingSize, PoolingSize));
        return convolved with { Name = pooled };
    }
}
