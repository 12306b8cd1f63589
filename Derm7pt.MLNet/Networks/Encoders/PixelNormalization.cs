using System.Globalization;
using System.Text.Json.Serialization;
using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet;

/// <summary>Specifies the order of the color channels that a feature extractor expects.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red.</summary>
    Bgr,
}

/// <summary>
/// Represents the normalization of pixels for a feature extractor: for each channel (scale · pixel − mean) / deviation, with pixels in [0, 1].
/// </summary>
public sealed class PixelNormalization : IEquatable<PixelNormalization>
{
    /// <summary>Creates options with default values.</summary>
    public PixelNormalization()
    {
    }

    /// <summary>Creates a copy of options, which an initializer may then change.</summary>
    /// <param name="other">The options to copy.</param>
    public PixelNormalization(PixelNormalization other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Order = other.Order;
        Scale = other.Scale;
        Mean = other.Mean;
        Deviation = other.Deviation;
    }

    /// <summary>The normalization of models that torchvision and timm trained on ImageNet.</summary>
    public static PixelNormalization ImageNet { get; } = new() { Mean = [0.485, 0.456, 0.406], Deviation = [0.229, 0.224, 0.225] };

    /// <summary>The order of the channels, which also applies to <see cref="Mean"/> and <see cref="Deviation"/>.</summary>
    public ChannelOrder Order { get; init; } = ChannelOrder.Rgb;

    /// <summary>The factor of pixels in [0, 1], applied before the mean is subtracted; 255 for an extractor that expects bytes.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>The three numbers that are subtracted, one per channel.</summary>
    public IReadOnlyList<double> Mean { get; init => field = [.. value ?? []]; } = [0, 0, 0];

    /// <summary>The three numbers by which the differences are divided, one per channel.</summary>
    public IReadOnlyList<double> Deviation { get; init => field = [.. value ?? []]; } = [1, 1, 1];

    /// <summary>Determines whether two normalizations have the same values.</summary>
    public bool Equals(PixelNormalization? other) =>
        other is not null && Order == other.Order && Scale == other.Scale && Mean.SequenceEqual(other.Mean) && Deviation.SequenceEqual(other.Deviation);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PixelNormalization);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Order, Scale, Mean.Count, Deviation.Count);

    /// <summary>The factor of each channel of a pixel in [0, 1], in the order of the extractor.</summary>
    [JsonIgnore]
    internal float[] Factors => [.. Deviation.Select(deviation => (float)(Scale / deviation))];

    /// <summary>The offset that is added to each channel after multiplication.</summary>
    [JsonIgnore]
    internal float[] Offsets => [.. Mean.Zip(Deviation, (mean, deviation) => (float)(-mean / deviation))];

    internal IEnumerable<string> Problems() =>
    [
        .. OptionCheck.Defined(Order),
        .. OptionCheck.Positive(Scale),
        .. OptionCheck.Require(Mean.Count == 3 && Mean.All(double.IsFinite), Text(Mean), "three numbers", nameof(Mean)),
        .. OptionCheck.Require(
            Deviation.Count == 3 && Deviation.All(value => double.IsFinite(value) && value > 0), Text(Deviation),
            "three positive numbers", nameof(Deviation)),
    ];

    private static string Text(IReadOnlyList<double> values) => $"[{string.Join(", ", values.Select(value => value.ToString(CultureInfo.InvariantCulture)))}]";
}
