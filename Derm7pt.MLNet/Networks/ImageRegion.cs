namespace Derm7pt.MLNet;

/// <summary>What of an image, without its border, the network reads.</summary>
public enum ImageRegion
{
    /// <summary>All of it. Where <see cref="NetworkOptions.InputSize"/> is given, an oblong image is squeezed into a square.</summary>
    Whole,

    /// <summary>
    /// The largest square in its center, so that shapes keep their proportions and the ends of the longer side are not read. Where the
    /// lengths of the sides differ by an odd number, one pixel more is left out at the right or at the bottom.
    /// </summary>
    CentralSquare,
}
