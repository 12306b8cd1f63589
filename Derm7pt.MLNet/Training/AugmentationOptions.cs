using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet;

/// <summary>
/// Random changes of the training images, drawn each time an image is used. The defaults are the paper's; the
/// shear, for which it gives no number, is ±10°. Crops, quarter turns, tones and mixup, of which it has none, are off.
/// </summary>
public sealed class AugmentationOptions
{
    /// <summary>Creates options with their defaults.</summary>
    public AugmentationOptions()
    {
    }

    /// <summary>Creates a copy of options, which an initializer may then change.</summary>
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
        CropShareMinimum = other.CropShareMinimum;
        CropShareMaximum = other.CropShareMaximum;
        OutputHeight = other.OutputHeight;
        OutputWidth = other.OutputWidth;
        QuarterTurns = other.QuarterTurns;
        BrightnessFraction = other.BrightnessFraction;
        ContrastFraction = other.ContrastFraction;
        MixupAlpha = other.MixupAlpha;
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

    /// <summary>
    /// The least share of an image's height and width that a crop keeps, in (0, 1]. All other changes are made in the crop, whose share is
    /// drawn from here to <see cref="CropShareMaximum"/> and whose place is drawn within the image. With 1 for both nothing is cropped.
    /// </summary>
    public double CropShareMinimum { get; init; } = 1;

    /// <summary>The largest share of an image's height and width that a crop keeps, from <see cref="CropShareMinimum"/> to 1.</summary>
    public double CropShareMaximum { get; init; } = 1;

    /// <summary>
    /// The height in pixels of training images after bilinear interpolation; <see langword="null"/> for that of the image column.
    /// Validation and scoring keep the size of the column.
    /// </summary>
    public int? OutputHeight { get; init; }

    /// <summary>The width in pixels of training images after augmentation; <see langword="null"/> for that of the image column.</summary>
    public int? OutputWidth { get; init; }

    /// <summary>
    /// Whether images are turned by 0, 90, 180 or 270 degrees. Where an image is not square, what comes from outside it repeats its border.
    /// </summary>
    public bool QuarterTurns { get; init; }

    /// <summary>Values are multiplied by 1 plus or minus up to this share, and then limited to [0, 1]; 0 up to 1, exclusive.</summary>
    public double BrightnessFraction { get; init; }

    /// <summary>
    /// Distances of values from the image's mean are multiplied by 1 plus or minus up to this share, and the values limited to [0, 1];
    /// 0 up to 1, exclusive.
    /// </summary>
    public double ContrastFraction { get; init; }

    /// <summary>
    /// α of mixup (Zhang et al., ICLR 2018), 0 for none: each image gets a share λ of itself and 1 − λ of another image of its mini-batch,
    /// with λ from Beta(α, α). Its loss is λ times that for its own labels plus 1 − λ times that for the other image's labels; a label
    /// that either image lacks takes no part in it.
    /// </summary>
    public double MixupAlpha { get; init; }

    internal IEnumerable<string> Problems() =>
    [
        .. OptionCheck.Require(RotationDegrees is >= 0 and <= 180, RotationDegrees, "in [0, 180]"),
        .. OptionCheck.Share(ShiftFraction),
        .. OptionCheck.Share(ZoomFraction),
        .. OptionCheck.Require(ShearDegrees is >= 0 and <= 60, ShearDegrees, "in [0, 60]"),
        .. OptionCheck.Require(CropShareMinimum is > 0 and <= 1, CropShareMinimum, "above 0 and at most 1"),
        .. OptionCheck.Require(
            CropShareMaximum <= 1 && !(CropShareMaximum < CropShareMinimum), CropShareMaximum, $"from {nameof(CropShareMinimum)} to 1",
            nameof(CropShareMaximum)),
        .. Extent(OutputHeight, nameof(OutputHeight)),
        .. Extent(OutputWidth, nameof(OutputWidth)),
        .. OptionCheck.Share(BrightnessFraction),
        .. OptionCheck.Share(ContrastFraction),
        .. OptionCheck.NotNegative(MixupAlpha),
    ];

    private static IEnumerable<string> Extent(int? value, string name) => value is { } extent
        ? OptionCheck.Require(
            extent is > 0 and <= NetworkLimits.ImageExtent, extent, Invariant($"from 1 to {NetworkLimits.ImageExtent}"), name)
        : [];
}
