using Derm7pt.MLNet.Network.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Network;

/// <summary>
/// The gated multi-task network of Coppola, Lee and Guan (CVPR Workshops 2020): one convolutional branch a task,
/// mixed by a <see cref="FeatureSharing"/> after every block.
/// </summary>
/// <remarks>
/// The branches are computed together. The T convolutions of a block are one grouped convolution, and the gates are
/// folded into the 1×1 convolutions that read the gated features, so that the T gated copies of the concatenated
/// features never exist. The mathematics is that of the literal network. On the processor a block is one kernel
/// (<see cref="BlockFunction"/>), on other devices it is a few operators of torch.
/// Names and shapes of parameters: see <see cref="NetworkStateLayout"/>.
/// </remarks>
internal sealed class GatedMultiTaskNetwork : nn.Module<Tensor, NetworkOutput>
{
    private readonly FeatureStem stem;
    private readonly ModuleList<ConvolutionBlock> blocks;
    private readonly ModuleList<FeatureSharing> sharing;
    private readonly TaskHeads heads;

    /// <param name="shape">The sizes.</param>
    /// <param name="seed">Decides every initial weight.</param>
    /// <param name="stem">What turns pixels into features; the pixels themselves where null.</param>
    public GatedMultiTaskNetwork(NetworkShape shape, int seed, FeatureStem? stem = null)
        : base(nameof(GatedMultiTaskNetwork))
    {
        Shape = shape;
        var weights = new WeightInitializer(seed);
        this.stem = stem ?? new PixelStem();
        blocks = new ModuleList<ConvolutionBlock>();
        sharing = new ModuleList<FeatureSharing>();
        for (int block = 0; block < shape.BlockCount; block++)
        {
            int inputChannels = block == 0 ? this.stem.Channels : shape.Filters[block - 1];
            blocks.Add(new ConvolutionBlock(shape.TaskCount, inputChannels, shape.Filters[block], block, weights));
            sharing.Add(new GateBlock(shape.TaskCount, shape.Filters[block], shape.Gates, shape.GateSteepness));
        }

        heads = new TaskHeads(shape, weights);
        RegisterComponents();
    }

    public NetworkShape Shape { get; }

    public IList<FeatureSharing> Sharing => sharing;

    /// <summary>The parameters of the network without those of the sharing, and which of them are kernels.</summary>
    public IEnumerable<(string Name, Parameter Parameter, bool IsKernel)> Weights =>
        named_parameters()
            .Where(p => !p.name.StartsWith(nameof(sharing), StringComparison.Ordinal))
            .Select(p => (p.name, p.parameter, IsKernel(p.name)));

    // The biases of the logits are numbered: heads.logits_bias.3.
    private static bool IsKernel(string name) => !name.Split('.').Any(part => part.EndsWith("bias", StringComparison.Ordinal));

    /// <summary>The number of learned values: weights, biases and the gates that are not fixed.</summary>
    public long ParameterCount => Weights.Sum(w => w.Parameter.numel()) + Shape.LearnedGateCount;

    /// <summary>Logits of every task from pixels.</summary>
    /// <param name="pixels">[N, 3, H, W] in [0, 1], RGB.</param>
    public override NetworkOutput forward(Tensor pixels) => Forward(pixels, dropout: null);

    /// <inheritdoc cref="forward"/>
    /// <param name="pixels">[N, 3, H, W] in [0, 1], RGB.</param>
    /// <param name="dropout">Draws the dropout masks while training; without it nothing is dropped.</param>
    public NetworkOutput Forward(Tensor pixels, Generator? dropout)
    {
        Tensor input = stem.forward(pixels);
        FeatureSharing? previous = null;
        var features = new Tensor[blocks.Count];
        for (int block = 0; block < blocks.Count; block++)
        {
            features[block] = blocks[block].Forward(input, previous);
            input = sharing[block].Normalize(features[block]);
            previous = sharing[block];
        }

        return new NetworkOutput(heads.Forward(input, previous!, dropout), features);
    }
}

/// <summary>What the network gives for a batch.</summary>
/// <param name="Logits">For each task [N, labels].</param>
/// <param name="Features">For each block what its convolutions give, rectified and pooled, before it is shared: [N, T·C, h, w].</param>
internal sealed record NetworkOutput(IReadOnlyList<Tensor> Logits, IReadOnlyList<Tensor> Features);

/// <summary>
/// A block of all T branches: from the second block on a 1×1 mixing convolution with ReLU that reads the shared
/// features; then a k×k convolution without bias or padding, ReLU and 2×2 max pooling.
/// </summary>
internal sealed class ConvolutionBlock : nn.Module
{
    private readonly MixingConvolution? mix;
    private readonly Parameter kernel;
    private readonly int _block;
    private readonly int _taskCount;

    public ConvolutionBlock(int taskCount, int inputChannels, int channels, int block, WeightInitializer weights)
        : base(nameof(ConvolutionBlock))
    {
        (_block, _taskCount) = (block, taskCount);
        int size = NetworkShape.KernelSize(block);
        int mixed = inputChannels;
        if (block > 0)
        {
            mix = new MixingConvolution(taskCount, inputChannels, weights);
            mixed = mix.Width;
        }

        kernel = weights.GlorotUniform([taskCount * channels, mixed, size, size], mixed * size * size, channels * size * size);
        RegisterComponents();
    }

    /// <param name="features">[N, T·C, h, w] of the previous block, or what the stem gives.</param>
    /// <param name="previous">How the tasks share the previous block's features; null in the first block.</param>
    /// <returns>[N, T·C, h', w']</returns>
    public Tensor Forward(Tensor features, FeatureSharing? previous)
    {
        // All branches of the first block read the same pixels: one dense convolution.
        int groups = mix is null ? 1 : _taskCount, stride = NetworkShape.Stride(_block);
        if (BlockFunction.Supports(features, mixes: mix is not null))
            return BlockFunction.Apply(features.contiguous(), mix?.Fold(previous!), kernel, groups, stride);

        Tensor input = mix is null ? features : mix.Forward(features, previous!);
        Tensor convolved = F.conv2d(input, kernel, bias: null, strides: [stride, stride], groups: groups);
        // Pooling first and rectifying after gives the same values (both are monotone) on a quarter of the elements.
        return F.max_pool2d(convolved, 2, 2).relu_();
    }
}

/// <summary>The 1×1 convolution with ReLU, one a task, by which a task reads the features of all tasks.</summary>
internal sealed class MixingConvolution : nn.Module
{
    private readonly Parameter weight;
    private readonly Parameter bias;

    public MixingConvolution(int taskCount, int channels, WeightInitializer weights)
        : base(nameof(MixingConvolution))
    {
        Width = NetworkShape.MixFactor * channels;
        weight = weights.GlorotUniform([taskCount, Width, taskCount * channels], taskCount * channels, Width);
        bias = WeightInitializer.Zeros([taskCount * Width]);
        RegisterComponents();
    }

    /// <summary>M, the channels that it gives each task.</summary>
    public int Width { get; }

    /// <summary>Weights and biases with the sharing folded in.</summary>
    /// <param name="sharing">What each task takes of the features.</param>
    /// <returns>[T, M, T·C + 1]: the last one of a row is the bias.</returns>
    public Tensor Fold(FeatureSharing sharing) => cat([sharing.Fold(weight), bias.reshape(-1, Width, 1)], 2);

    /// <param name="features">[N, T·C, h, w], normalized.</param>
    /// <param name="sharing">What each task takes of them.</param>
    /// <returns>[N, T·M, h, w]</returns>
    public Tensor Forward(Tensor features, FeatureSharing sharing)
    {
        Tensor folded = sharing.Fold(weight).reshape(bias.shape[0], features.shape[1], 1, 1);
        return F.conv2d(features, folded, bias).relu_();
    }
}

/// <summary>
/// The heads of all tasks: 1×1 convolution with ReLU on the shared features, global average pooling, dropout, a dense
/// layer of the same width with ReLU, dropout, and a dense layer to the task's logits.
/// </summary>
internal sealed class TaskHeads : nn.Module
{
    private readonly MixingConvolution mix;
    private readonly Parameter dense_weight;
    private readonly Parameter dense_bias;
    private readonly ParameterList logits_weight;
    private readonly ParameterList logits_bias;
    private readonly double _dropout;

    public TaskHeads(NetworkShape shape, WeightInitializer weights)
        : base(nameof(TaskHeads))
    {
        _dropout = shape.Dropout;
        int tasks = shape.TaskCount;
        mix = new MixingConvolution(tasks, shape.Filters[^1], weights);
        dense_weight = weights.GlorotUniform([tasks, mix.Width, mix.Width], mix.Width, mix.Width);
        dense_bias = WeightInitializer.Zeros([tasks, 1, mix.Width]);
        logits_weight = new ParameterList([.. shape.LabelCounts.Select(labels => weights.GlorotUniform([labels, mix.Width], mix.Width, labels))]);
        logits_bias = new ParameterList([.. shape.LabelCounts.Select(labels => WeightInitializer.Zeros([labels]))]);
        RegisterComponents();
    }

    public Tensor[] Forward(Tensor features, FeatureSharing sharing, Generator? dropout)
    {
        Tensor pooled = mix.Forward(features, sharing).mean([2, 3]);
        long tasks = dense_weight.shape[0];
        Tensor perTask = Drop(pooled, dropout).reshape(-1, tasks, mix.Width).transpose(0, 1); // [T, N, M]
        Tensor hidden = Drop((bmm(perTask, dense_weight.transpose(1, 2)) + dense_bias).relu_(), dropout);

        var logits = new Tensor[tasks];
        for (int task = 0; task < tasks; task++)
            logits[task] = F.linear(hidden[task], logits_weight[task], logits_bias[task]);
        return logits;
    }

    private Tensor Drop(Tensor x, Generator? generator) =>
        generator is null || !training || _dropout <= 0 ? x : Drop(x, _dropout, generator);

    /// <summary>Zeroes a share of the units and scales the others up, so that the expectation stays.</summary>
    internal static Tensor Drop(Tensor x, double share, Generator generator)
    {
        // The mask comes from a generator of the training's own: torch's global one is shared by all threads of a
        // process, and nobody could repeat a training beside which something else draws numbers.
        Tensor kept = rand(x.shape, generator: generator).ge(share).to(x.dtype).div_(1 - share);
        return x * kept.to(x.device);
    }
}
