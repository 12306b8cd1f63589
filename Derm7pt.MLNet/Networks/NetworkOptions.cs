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

    /// <summary>Copies options, of which an initializer may then change some.</summary>
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

    /// <summary>Computes the features that the first block reads; the pixels themselves where null.</summary>
    [JsonInclude]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal Encoder? Encoder { get; init; }

    /// <summary>How the tasks use each other's features; gates where null.</summary>
    [JsonInclude]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal SharingScheme? Sharing { get; init; }

    /// <summary>The network that the options describe, which must have no problem.</summary>
    /// <param name="labelCounts">The number of labels of each task.</param>
    internal NetworkSpec CreateNetwork(IEnumerable<int> labelCounts)
    {
        NetworkSpec network = NetworkSpec.Gated(
            labelCounts, FiltersPerBlock.Select(filters => Math.Max(1, (int)Math.Round(filters * WidthMultiplier))), Gates, GateSteepness, Dropout);
        return network with { Encoder = Encoder ?? network.Encoder, Sharing = Sharing ?? network.Sharing };
    }

    internal IEnumerable<string> Problems() =>
    [
        .. FilterProblems(),
        .. OptionCheck.Positive(WidthMultiplier),
        .. OptionCheck.Defined(Gates),
        .. OptionCheck.Positive(GateSteepness),
        .. OptionCheck.Share(Dropout),
        .. OptionCheck.Within(nameof(Encoder), Encoder?.Problems() ?? []),
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
