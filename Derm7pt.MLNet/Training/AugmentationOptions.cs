using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet;

/// <summary>
/// Random changes of the training images, drawn anew each time an image is used. The defaults are the paper's; the
/// shear, for which it gives no number, is ±10°.
/// </summary>
public sealed class AugmentationOptions
{
    /// <summary>Creates options with their defaults.</summary>
    public AugmentationOptions()
    {
    }

    /// <summary>Copies options, of which an initializer may then change some.</summary>
    /// <param name="other">The options to copy.</param>
    internal AugmentationOptions(AugmentationOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        RotationDegrees = other.RotationDegrees;
        ShiftFraction = other.ShiftFraction;
        ZoomFraction = other.ZoomFraction;
        ShearDegrees = other.ShearDegrees;
        HorizontalFlip = other.HorizontalFlip;
        VerticalFlip = other.VerticalFlip;
    }

    /// <summary>Rotation by up to this many degrees either way; 0 to 180.</summary>
    public double RotationDegrees { get; init; } = 90;

    /// <summary>Shift by up to this share of the width and of the height; 0 up to 1, exclusive.</summary>
    public double ShiftFraction { get; init; } = 0.1;

    /// <summary>Zoom in or out by up to this share; 0 up to 1, exclusive.</summary>
    public double ZoomFraction { get; init; } = 0.1;

    /// <summary>Shear by up to this many degrees either way; 0 up to 60.</summary>
    public double ShearDegrees { get; init; } = 10;

    /// <summary>Whether half of the images are mirrored left to right.</summary>
    public bool HorizontalFlip { get; init; } = true;

    /// <summary>Whether half of the images are mirrored top to bottom.</summary>
    public bool VerticalFlip { get; init; } = true;

    internal IEnumerable<string> Problems() =>
    [
        .. OptionCheck.Require(RotationDegrees is >= 0 and <= 180, RotationDegrees, "in [0, 180]"),
        .. OptionCheck.Share(ShiftFraction),
        .. OptionCheck.Share(ZoomFraction),
        .. OptionCheck.Require(ShearDegrees is >= 0 and <= 60, ShearDegrees, "in [0, 60]"),
    ];
}
