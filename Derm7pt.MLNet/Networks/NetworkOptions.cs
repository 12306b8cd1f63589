using System.Text.Json.Serialization;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet;

/// <summary>The network. The defaults are those of Coppola, Lee and Guan (CVPR Workshops 2020).</summary>
public sealed class NetworkOptions
{
    /// <summary>Creates options with their defaults.</summary>
    public NetworkOptions()
    {
    }

    /// <summary>Creates a copy of options, which an initializer may then change.</summary>
    /// <param name="other">The options to copy.</param>
    public NetworkOptions(NetworkOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        FiltersPerBlock = other.FiltersPerBlock;
        WidthMultiplier = other.WidthMultiplier;
        Gates = other.Gates;
        GateSteepness = other.GateSteepness;
        Dropout = other.Dropout;
        Encoder = other.Encoder;
        BorderPixels = other.BorderPixels;
        InputSize = other.InputSize;
        ImageRegion = other.ImageRegion;
        TestTimeAugmentation = other.TestTimeAugmentation;
        CustomEncoder = other.CustomEncoder;
        Sharing = other.Sharing;
    }

    /// <summary>The channels that each block's convolution gives a task, before <see cref="WidthMultiplier"/>.</summary>
    public IReadOnlyList<int> FiltersPerBlock { get; init => field = [.. value ?? []]; } = [2, 4, 8, 16];

    /// <summary>Multiplies <see cref="FiltersPerBlock"/>; 0.5 gives the network of half the width. A block has at least one channel.</summary>
    public double WidthMultiplier { get; init; } = 1;

    /// <summary>Whether tasks learn to use each other's features.</summary>
    public GateMode Gates { get; init; } = GateMode.Learned;

    /// <summary>γ in α = 1 / (1 + exp(−γ·a)): how steeply a gate opens.</summary>
    public double GateSteepness { get; init; } = 3;

    /// <summary>The share of units that dropout zeroes in the heads, in [0, 1).</summary>
    public double Dropout { get; init; } = 0.3;

    /// <summary>
    /// A feature extractor between the image and the first block, usually a pretrained one; <see langword="null"/> if the blocks read
    /// pixels, as in the paper.
    /// </summary>
    /// <remarks>
    /// With an extractor, the blocks work on small maps of features: the first one is a 1×1 convolution without pooling, the others read
    /// twice as many channels as the block before them gives a task, convolve with 3×3 kernels and padding, and pool. The heads have one
    /// layer after pooling. <see cref="FiltersPerBlock"/> should then be larger, such as [32, 32].
    /// </remarks>
    public EncoderOptions? Encoder { get; init; }

    /// <summary>
    /// The pixels of the image column that the network cuts off on every side, for example a dark frame; 0 for none.
    /// </summary>
    public int BorderPixels { get; init; }

    /// <summary>
    /// The height and width to which the network resizes images, without their border, bilinearly; <see langword="null"/> to leave them as
    /// they are. An image column that is somewhat larger leaves room for random crops while training.
    /// </summary>
    public int? InputSize { get; init; }

    /// <summary>
    /// Whether the network reads all of an image without its border, or the square in its center. An image that is already square is the
    /// same in both.
    /// </summary>
    public ImageRegion ImageRegion { get; init; } = ImageRegion.Whole;

    /// <summary>
    /// Whether scores are the mean probabilities over views of the image: unchanged, mirrored left to right, mirrored top to bottom and, if
    /// the network's input is square, transposed.
    /// </summary>
    /// <remarks>
    /// The views are part of the model's graph, so that they apply wherever the model scores: in evaluations, in a saved model and in ONNX.
    /// Scoring takes about four times as long. Training, its validation and Grad-CAM use the unchanged image.
    /// </remarks>
    public bool TestTimeAugmentation { get; init; }

    /// <summary>Another encoder than <see cref="Encoder"/> describes, where not null.</summary>
    [JsonInclude]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal Encoder? CustomEncoder { get; init; }

    /// <summary>How the tasks use each other's features; gates if null.</summary>
    [JsonInclude]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal SharingScheme? Sharing { get; init; }

    /// <summary>The network that the options describe, which must have no problem.</summary>
    /// <param name="labelCounts">The number of labels of each task.</param>
    /// <param name="encoder">What the file of <see cref="Encoder"/> holds; <see langword="null"/> if there is none.</param>
    internal NetworkSpec CreateNetwork(IEnumerable<int> labelCounts, Encoder? encoder)
    {
        NetworkSpec network = NetworkSpec.Gated(
            labelCounts, FiltersPerBlock.Select(filters => Math.Max(1, (int)Math.Round(filters * WidthMultiplier))), Gates, GateSteepness, Dropout);
        if (Encoder is not null)
            network = network.OnEncoder(encoder ?? throw new ArgumentNullException(nameof(encoder)));
        return network with
        {
            Encoder = CustomEncoder ?? network.Encoder,
            Sharing = Sharing ?? network.Sharing,
            Input = BorderPixels == 0 && InputSize is null && ImageRegion == ImageRegion.Whole
                ? null
                : new ImageInput(BorderPixels, InputSize, ImageRegion),
            TestTimeAugmentation = TestTimeAugmentation,
        };
    }

    internal IEnumerable<string> Problems() =>
    [
        .. FilterProblems(),
        .. OptionCheck.Positive(WidthMultiplier),
        .. OptionCheck.Defined(Gates),
        .. OptionCheck.Positive(GateSteepness),
        .. OptionCheck.Share(Dropout),
        .. OptionCheck.Within(nameof(Encoder), Encoder?.Problems() ?? []),
        .. OptionCheck.Require(
            BorderPixels is >= 0 and < NetworkLimits.ImageExtent / 2, BorderPixels, $"from 0 to {(NetworkLimits.ImageExtent / 2) - 1}"),
        .. OptionCheck.Require(InputSize is null or (> 0 and <= NetworkLimits.ImageExtent), InputSize, $"from 1 to {NetworkLimits.ImageExtent}"),
        .. OptionCheck.Defined(ImageRegion),
        .. OptionCheck.Within(nameof(CustomEncoder), CustomEncoder?.Problems() ?? []),
        .. OptionCheck.Within(nameof(Sharing), Sharing?.Problems() ?? []),
    ];

    private IEnumerable<string> FilterProblems()
    {
        string filters = $"[{string.Join(", ", FiltersPerBlock)}]";
        return FiltersPerBlock.Count is 0 or > NetworkLimits.Blocks || FiltersPerBlock.Any(count => count <= 0)
            ? [$"{nameof(FiltersPerBlock)} must hold 1 to {NetworkLimits.Blocks} positive numbers, got {filters}."]
            : OptionCheck.Require(
                !(FiltersPerBlock.Max() * WidthMultiplier > NetworkLimits.Filters), filters,
                $"at most {NetworkLimits.Filters} each, multiplied by {nameof(WidthMultiplier)}", nameof(FiltersPerBlock));
    }
}
