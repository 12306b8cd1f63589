namespace Derm7pt.MLNet;

/// <summary>
/// Random changes of the training images, drawn anew each time an image is used. The defaults are the paper's; the
/// shear, for which it gives no number, is ±10°.
/// </summary>
public sealed record AugmentationOptions
{
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

    internal IEnumerable<string> Problems()
    {
        if (RotationDegrees is not (>= 0 and <= 180))
            yield return $"Augmentation.RotationDegrees must be in [0, 180], got {RotationDegrees}.";
        if (ShiftFraction is not (>= 0 and < 1))
            yield return $"Augmentation.ShiftFraction must be in [0, 1), got {ShiftFraction}.";
        if (ZoomFraction is not (>= 0 and < 1))
            yield return $"Augmentation.ZoomFraction must be in [0, 1), got {ZoomFraction}.";
        if (ShearDegrees is not (>= 0 and <= 60))
            yield return $"Augmentation.ShearDegrees must be in [0, 60], got {ShearDegrees}.";
    }
}
