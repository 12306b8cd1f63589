using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Networks;

/// <summary>
/// Represents a block of all tasks: a <see cref="MixingConvolution"/> that reads the tasks' views of the previous block (not in the
/// first block), a k×k convolution without bias, ReLU and max pooling.
/// </summary>
/// <remarks>
/// The tasks are computed together: their T convolutions are one grouped convolution, or a dense one in the first block, where
/// all tasks read the same features. On the processor, a block without padding and with 2×2 pooling is computed by one kernel
/// (<see cref="BlockFunction"/>), and any other block by operators of torch.
/// </remarks>
/// <param name="Channels">C, the number of output channels of the convolution per task.</param>
/// <param name="KernelSize">k.</param>
/// <param name="Stride">The stride of the convolution.</param>
/// <param name="Padding">The number of zeros that the convolution adds on every side.</param>
/// <param name="Pooling">The extent and the stride of the max pooling; 1 for none.</param>
/// <param name="MixWidth">The number of output channels of the mixing convolution per task; <see langword="null"/> for four times its input channels per task.</param>
internal sealed record ConvolutionBlock(int Channels, int KernelSize, int Stride, int Padding = 0, int Pooling = 2, int? MixWidth = null)
{
    private const string Kernel = "kernel", Mix = "mix";

    private SlidingWindow Window => SlidingWindow.Square(KernelSize, Stride, Padding);

    // The kernel supports only this padding and pooling.
    private bool IsKernelShape => Padding == 0 && Pooling == 2;

    /// <summary>Describes the problem of the sizes, as a sentence; <see langword="null"/> if there is none.</summary>
    public string? Problem()
    {
        bool isPossible = Channels is > 0 and <= NetworkLimits.Filters
            && KernelSize is > 0 and <= NetworkLimits.KernelExtent && Stride is > 0 and <= NetworkLimits.KernelExtent
            && Padding >= 0 && Padding < KernelSize && Pooling is > 0 and <= NetworkLimits.KernelExtent && MixWidth is null or (> 0 and <= NetworkLimits.Filters);
        return isPossible ? null
            : $"A block must have 1 to {NetworkLimits.Filters} filters, a kernel size, a stride and a pooling from 1 to {NetworkLimits.KernelExtent}, "
            + $"and a padding smaller than the kernel, got {this}.";
    }

    /// <summary>Computes the height or width of the block's output; 0 if its input is too small.</summary>
    public int OutputExtent(int extent) => Window.Positions(extent, axis: 0) / Pooling;

    /// <param name="tasks">T.</param>
    /// <param name="inputChannels">The number of channels of the features that all tasks read in the first block.</param>
    /// <param name="mixing">The convolution that reads the tasks' views; <see langword="null"/> in the first block.</param>
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
    public Tensor Forward(TorchScope scope, Tensor features) => IsKernelShape && BlockFunction.Supports(features, mixes: false)
        ? BlockFunction.Apply(features.contiguous(), mix: null, scope[Kernel], groups: 1, Stride)
        : Convolve(features, scope[Kernel], groups: 1);

    /// <summary>Computes a later block.</summary>
    /// <param name="scope">The tensors of the block.</param>
    /// <param name="views">The views that the tasks read.</param>
    /// <param name="mixing">The convolution that reads the views.</param>
    /// <returns>[N, T·C, h', w']</returns>
    public Tensor Forward(TorchScope scope, TaskViews<Tensor, Tensor> views, MixingConvolution mixing) =>
        IsKernelShape && BlockFunction.Supports(views.Features, mixes: true)
            ? BlockFunction.Apply(views.Features.contiguous(), mixing.Fold(scope.In(Mix), views), scope[Kernel], mixing.Tasks, Stride)
            : Convolve(mixing.Forward(scope.In(Mix), views), scope[Kernel], mixing.Tasks);

    /// <summary>Adds the nodes of the first block to a graph.</summary>
    public GraphValue Emit(GraphScope scope, GraphValue features, int tasks) => Emit(scope, features, tasks, groups: 1);

    /// <summary>Adds the nodes of a later block to a graph.</summary>
    public GraphValue Emit(GraphScope scope, TaskViews<GraphValue, string> views, MixingConvolution mixing) =>
        Emit(scope, mixing.Emit(scope.In(Mix), views), mixing.Tasks, mixing.Tasks);

    public override string ToString() =>
        Invariant($"{Channels} filters, kernel size {KernelSize}, stride {Stride}, padding {Padding}, pooling {Pooling}");

    private Tensor Convolve(Tensor input, Tensor kernel, int groups)
    {
        Tensor convolved = Convolution.Apply(input, kernel, bias: null, Window, groups);
        // Pooling before ReLU gives the same values, because both are monotonic, and applies ReLU to a quarter of the elements.
        return (Pooling == 1 ? convolved : F.max_pool2d(convolved, Pooling, Pooling)).relu_();
    }

    private GraphValue Emit(GraphScope scope, GraphValue input, int tasks, int groups)
    {
        GraphBuilder graph = scope.Graph;
        var kernel = new GraphKernel(scope.Parameter(Kernel), (long)tasks * Channels, input.Channels / groups, KernelSize, KernelSize);
        GraphValue convolved = graph.Convolution(scope.Name("conv"), input, kernel, bias: null, Stride, groups, Padding);
        string rectified = graph.Relu(scope.Name("relu"), convolved.Name);
        return convolved with
        {
            Name = Pooling == 1 ? rectified : graph.Node(
                "MaxPool", scope.Name("pooled"), [rectified],
                GraphBuilder.Integers("kernel_shape", Pooling, Pooling), GraphBuilder.Integers("strides", Pooling, Pooling)),
        };
    }
}
