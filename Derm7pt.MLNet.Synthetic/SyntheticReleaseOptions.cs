namespace Derm7pt.MLNet.Synthetic;

/// <summary>Represents the options of a synthetic release. The defaults resemble the real release at a manageable size.</summary>
public sealed class SyntheticReleaseOptions
{
    /// <summary>The fewest cases that leave room for all five diagnoses in the smallest split.</summary>
    public const int FewestCases = 30;

    /// <summary>The number of cases; each has a dermoscopic and a clinical picture. At least <see cref="FewestCases"/>.</summary>
    public int Cases { get; init; } = 600;

    /// <summary>The seed: the same options give byte-identical files on the same platform.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The width of every picture in pixels.</summary>
    public int Width { get; init; } = 768;

    /// <summary>The height of every picture in pixels.</summary>
    public int Height { get; init; } = 512;

    /// <summary>
    /// The probability, per criterion and case, that the label in the image differs from that in the table. Experts
    /// disagree about criteria, so a little of it is more faithful than none.
    /// </summary>
    public double LabelNoise { get; init; } = 0.01;

    /// <summary>The JPEG quality of the pictures, 1 to 100.</summary>
    public int JpegQuality { get; init; } = 85;

    internal void Validate()
    {
        var errors = new List<string>();
        if (Cases < FewestCases)
            errors.Add(Invariant($"{nameof(Cases)} must be at least {FewestCases}, got {Cases}."));
        SyntheticLesion.AddSizeErrors(Width, Height, errors);
        if (!(LabelNoise is >= 0 and <= 1))
            errors.Add(Invariant($"{nameof(LabelNoise)} must lie between 0 and 1, got {LabelNoise}."));
        if (JpegQuality is < 1 or > 100)
            errors.Add(Invariant($"{nameof(JpegQuality)} must lie between 1 and 100, got {JpegQuality}."));
        if (errors.Count > 0)
            throw new ArgumentException("The options of the synthetic release are not valid. " + string.Join(' ', errors));
    }
}
