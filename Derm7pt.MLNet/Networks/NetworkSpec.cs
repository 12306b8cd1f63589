using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks;

/// <summary>
/// The description of a network: an encoder, blocks of one convolution per task, a sharing scheme after every block, and heads.
/// </summary>
/// <remarks>
/// <para>
/// The description is data. Everything else follows from it: the tensors that the network has (<see cref="Parameters"/>), what
/// torch computes (<see cref="Forward"/>), and the ONNX graph (<see cref="EmitTasks"/>), for which no libtorch is needed. A file
/// stores the description and the tensors.
/// </para>
/// <para>Paths: <c>encoder</c>, <c>blocks.{b}</c>, <c>sharing.{b}</c>, <c>heads</c>, with zero-based blocks b.</para>
/// </remarks>
/// <param name="LabelCounts">The number of labels of each task; its length is T, the number of tasks.</param>
/// <param name="Encoder">Computes the features that the first block reads.</param>
/// <param name="Blocks">The blocks, first to last.</param>
/// <param name="Sharing">How the tasks use each other's features after every block.</param>
/// <param name="Heads">Compute the logits.</param>
/// <param name="Input">What of the image the encoder reads; <see langword="null"/> for all of it, as it is.</param>
internal sealed record NetworkSpec(
    ImmutableArray<int> LabelCounts, Encoder Encoder, ImmutableArray<ConvolutionBlock> Blocks, SharingScheme Sharing, TaskHeads Heads,
    ImageInput? Input = null)
{
    public const int PixelChannels = 3;

    /// <summary>Whether scoring averages the probabilities over the <see cref="ImageViews"/> of the encoder's input.</summary>
    /// <remarks>The property is not written if it is false, so that older versions can read the description.</remarks>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool TestTimeAugmentation { get; init; }

    /// <summary>The default ratio of a mixing convolution's output channels per task to the channels of the features that it reads per task.</summary>
    public const int MixFactor = 4;

    [JsonIgnore]
    public int TaskCount => LabelCounts.Length;

    [JsonIgnore]
    public int BlockCount => Blocks.Length;

    /// <summary>C of each block.</summary>
    [JsonIgnore]
    public IEnumerable<int> Channels => Blocks.Select(block => block.Channels);

    /// <summary>The scheme as one with gates; <see langword="null"/> if its mixing cannot be inspected.</summary>
    [JsonIgnore]
    public IGates? Gates => Sharing as IGates;

    /// <summary>The number of values that training changes.</summary>
    [JsonIgnore]
    public long LearnedCount => Parameters().Where(parameter => parameter.IsLearned).Sum(parameter => parameter.Count - parameter.UnusedCount);

    /// <summary>The network of Coppola, Lee and Guan (CVPR Workshops 2020): kernels of 5 with stride 2 in the first block, of 3 after it.</summary>
    /// <param name="labelCounts">The number of labels of each task.</param>
    /// <param name="filters">C of each block.</param>
    /// <param name="gates">Whether the gates between tasks are learned or closed.</param>
    /// <param name="gateSteepness">γ in α = 1 / (1 + exp(−γ·a)).</param>
    /// <param name="dropout">The share of units that dropout zeroes in the heads, in [0, 1).</param>
    public static NetworkSpec Gated(
        IEnumerable<int> labelCounts, IEnumerable<int> filters, GateMode gates, double gateSteepness, double dropout) => new(
            [.. labelCounts],
            new PixelEncoder(),
            [.. filters.Select((channels, block) => new ConvolutionBlock(channels, block == 0 ? 5 : 3, block == 0 ? 2 : 1))],
            new GateSharing(gates, gateSteepness),
            new ParallelHeads(dropout));

    /// <summary>
    /// The network for the small maps of an encoder: the first block is a 1×1 convolution without pooling, later ones read twice the
    /// channels of a task and convolve 3×3 with padding, and the heads have no hidden layer.
    /// </summary>
    public NetworkSpec OnEncoder(Encoder encoder) => this with
    {
        Encoder = encoder,
        Blocks =
        [
            .. Blocks.Select((block, index) => index == 0
                ? new ConvolutionBlock(block.Channels, KernelSize: 1, Stride: 1, Pooling: 1)
                : new ConvolutionBlock(block.Channels, KernelSize: 3, Stride: 1, Padding: 1, MixWidth: 2 * Blocks[index - 1].Channels)),
        ],
        Heads = Heads is ParallelHeads heads ? heads with { HasHiddenLayer = false } : Heads,
    };

    /// <summary>Describes the problems of the description, as one sentence per problem. Other members require that there is no problem.</summary>
    public IEnumerable<string> Problems()
    {
        if (Blocks.Length is 0 or > NetworkLimits.Blocks)
            yield return $"The network must have 1 to {NetworkLimits.Blocks} blocks, got {Blocks.Length}.";
        foreach (ConvolutionBlock? block in Blocks)
        {
            string? problem = block is null ? "A block is missing." : block.Problem();
            if (problem is null)
                continue;
            yield return problem;
            yield break;
        }

        long gates = Gates is null ? 0 : (long)TaskCount * TaskCount * Channels.Sum();
        if (gates > NetworkLimits.Gates)
            yield return Invariant($"The network has {gates} gates, at most {NetworkLimits.Gates} are allowed.");
        foreach (string problem in Encoder.Problems().Concat(Sharing.Problems()).Concat(Heads.Problems()).Concat(Input?.Problems() ?? []))
            yield return problem;
    }

    /// <summary>The tensors of the network, learned and buffers, in the order in which initial weights are drawn.</summary>
    public IEnumerable<ParameterSpec> Parameters()
    {
        foreach (ParameterSpec parameter in Encoder.Parameters())
            yield return parameter.In(EncoderPath) with { IsEncoder = true };
        for (int block = 0; block < BlockCount; block++)
        {
            foreach (ParameterSpec parameter in Blocks[block].Parameters(TaskCount, Encoder.OutputChannels(), block == 0 ? null : MixingBefore(block)))
                yield return parameter.In(BlockPath(block));
            foreach (ParameterSpec parameter in Sharing.Parameters(TaskCount, Blocks[block].Channels))
                yield return parameter.In(SharingPath(block));
        }

        foreach (ParameterSpec parameter in Heads.Parameters(LabelCounts, MixingBefore(BlockCount)))
            yield return parameter.In(HeadsPath);
    }

    /// <summary>The height or width after each block; 0 from where the image is too small for the network.</summary>
    public int[] Extents(int imageExtent)
    {
        var extents = new int[BlockCount];
        int extent = Encoder.OutputExtent(Input?.OutputExtent(imageExtent) ?? imageExtent);
        for (int block = 0; block < BlockCount; block++)
            extents[block] = extent = Blocks[block].OutputExtent(extent);
        return extents;
    }

    /// <summary>The smallest height or width that leaves a position after the last block.</summary>
    [JsonIgnore]
    public int MinimumImageExtent => Enumerable.Range(1, NetworkLimits.ImageExtent).FirstOrDefault(Accepts, NetworkLimits.ImageExtent + 1);

    /// <summary>Determines whether a height or width leaves a position after the last block.</summary>
    public bool Accepts(int imageExtent) => Extents(imageExtent)[^1] > 0;

    /// <summary>The facts about what the network reads of an image, and about its encoder, by name and for display.</summary>
    /// <param name="height">The height of the images.</param>
    /// <param name="width">The width of the images.</param>
    public IEnumerable<KeyValuePair<string, string>> DescribeInput(int height, int width)
    {
        ImageInput input = Input ?? new ImageInput(Border: 0, Extent: null);
        (int readHeight, int readWidth) = InputSize(height, width);
        yield return new("Images", Invariant($"{width} × {height} pixels"));
        yield return new("Border", input.Border == 0 ? "none" : Invariant($"{input.Border} pixels are cut off on every side"));
        yield return new("Region", input.Region == ImageRegion.CentralSquare ? "central square" : "whole image");
        yield return new("Input size", Invariant($"{readWidth} × {readHeight} pixels{(input.Extent is null ? "" : ", resized bilinearly")}"));
        foreach (KeyValuePair<string, string> fact in Encoder.Describe())
            yield return fact;
    }

    /// <summary>Computes the logits of every task.</summary>
    /// <param name="scope">The tensors of the network.</param>
    /// <param name="pixels">[N, 3, h, w] in [0, 1], RGB: images of which <see cref="Input"/> has already been taken.</param>
    /// <param name="stages">Receives the features of the encoder's <see cref="Encoder.Stages"/>; may be null.</param>
    public NetworkOutput Forward(TorchScope scope, Tensor pixels, ICollection<Tensor>? stages = null) =>
        ForwardEncoded(scope, Encoder.Forward(scope.In(EncoderPath), pixels, stages));

    /// <summary>Computes the logits of every task from the features of the encoder.</summary>
    /// <param name="scope">The tensors of the network.</param>
    /// <param name="encoded">[N, channels, h, w]: the features of the encoder.</param>
    public NetworkOutput ForwardEncoded(TorchScope scope, Tensor encoded)
    {
        TaskViews<Tensor, Tensor>? views = null;
        var features = new Tensor[BlockCount];
        for (int block = 0; block < BlockCount; block++)
        {
            TorchScope tensors = scope.In(BlockPath(block));
            features[block] = views is null
                ? Blocks[block].Forward(tensors, encoded)
                : Blocks[block].Forward(tensors, views, MixingBefore(block));
            views = Sharing.Forward(scope.In(SharingPath(block)), features[block], TaskCount);
        }

        return new NetworkOutput(Heads.Forward(scope.In(HeadsPath), views!, LabelCounts, MixingBefore(BlockCount)), features);
    }

    /// <summary>Adds the nodes that compute the encoder's input from images, and its views if scoring averages over them.</summary>
    /// <param name="scope">The scope of the whole graph; these nodes have no tensors.</param>
    /// <param name="pixels">The graph's input, [N, 3, H, W].</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <returns>[views · N, 3, h, w], and the number of views.</returns>
    public (GraphValue Pixels, int Views) EmitInput(GraphScope scope, GraphValue pixels, int height, int width)
    {
        GraphValue read = Input?.Emit(scope.In(InputPath), pixels) ?? pixels;
        if (!TestTimeAugmentation)
            return (read, 1);
        ImageViews views = Views(height, width);
        return (views.Emit(scope.In(ViewsPath), read), views.Count);
    }

    /// <summary>Gets the views of the encoder's input for images of one size.</summary>
    public ImageViews Views(int height, int width)
    {
        (int inputHeight, int inputWidth) = InputSize(height, width);
        return new ImageViews(IncludesTransposed: inputHeight == inputWidth);
    }

    /// <summary>Gets the part of an image that the network reads.</summary>
    public ImageWindow InputWindow(int height, int width) => Input?.Window(height, width) ?? ImageWindow.Whole(height, width);

    /// <summary>Gets the height and width of the encoder's input for an image.</summary>
    public (int Height, int Width) InputSize(int height, int width) => Input?.OutputSize(height, width) ?? (height, width);

    /// <summary>Adds the nodes of the encoder to a graph.</summary>
    /// <param name="scope">The tensors of the network.</param>
    /// <param name="pixels">The result of <see cref="EmitInput"/>.</param>
    public GraphValue EmitEncoder(GraphScope scope, GraphValue pixels) => Encoder.Emit(scope.In(EncoderPath), pixels);

    /// <summary>Adds the nodes of the blocks and heads to a graph.</summary>
    /// <param name="scope">The tensors of the network.</param>
    /// <param name="encoded">The result of <see cref="EmitEncoder"/>.</param>
    /// <returns>For each task the name of its logits, [views · N, labels].</returns>
    public string[] EmitTasks(GraphScope scope, GraphValue encoded)
    {
        TaskViews<GraphValue, string>? views = null;
        for (int block = 0; block < BlockCount; block++)
        {
            GraphScope tensors = scope.In(BlockPath(block));
            GraphValue features = views is null
                ? Blocks[block].Emit(tensors, encoded, TaskCount)
                : Blocks[block].Emit(tensors, views, MixingBefore(block));
            views = Sharing.Emit(scope.In(SharingPath(block)), features, TaskCount);
        }

        return Heads.Emit(scope.In(HeadsPath), views!, LabelCounts, MixingBefore(BlockCount));
    }

    /// <summary>The path of the encoder's tensors.</summary>
    public const string EncoderPath = "encoder";

    public static string SharingPath(int block) => Invariant($"sharing.{block}");

    private const string InputPath = "input", ViewsPath = "views", HeadsPath = "heads";

    private static string BlockPath(int block) => Invariant($"blocks.{block}");

    /// <summary>Gets the convolution by which a block, or the heads after the last block, read the features of the previous block.</summary>
    private MixingConvolution MixingBefore(int block)
    {
        int channels = Blocks[block - 1].Channels;
        int? width = block < BlockCount ? Blocks[block].MixWidth : Heads.MixWidth;
        return new MixingConvolution(TaskCount, Sharing.ViewChannels(TaskCount, channels), width ?? MixFactor * channels);
    }

    public bool Equals(NetworkSpec? other) =>
        other is not null && LabelCounts.SequenceEqual(other.LabelCounts) && Blocks.SequenceEqual(other.Blocks)
        && (Encoder, Sharing, Heads, Input, TestTimeAugmentation)
        == (other.Encoder, other.Sharing, other.Heads, other.Input, other.TestTimeAugmentation);

    public override int GetHashCode() => HashCode.Combine(LabelCounts.Length, Blocks.Length, Encoder, Sharing, Heads);
}

/// <summary>Represents the output of the network for a batch.</summary>
/// <param name="Logits">For each task [N, labels].</param>
/// <param name="Features">For each block what its convolutions give, rectified and pooled, before it is shared: [N, T·C, h, w].</param>
internal sealed record NetworkOutput(IReadOnlyList<Tensor> Logits, IReadOnlyList<Tensor> Features);
