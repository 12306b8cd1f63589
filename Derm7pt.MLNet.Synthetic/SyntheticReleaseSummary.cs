namespace Derm7pt.MLNet.Synthetic;

/// <summary>Represents the content that <see cref="SyntheticRelease.Write"/> wrote.</summary>
public sealed class SyntheticReleaseSummary
{
    internal SyntheticReleaseSummary(string folder, int cases, int images, IReadOnlyList<SyntheticSplitSummary> splits) =>
        (Folder, Cases, Images, Splits) = (folder, cases, images, splits);

    /// <summary>The full path of the release.</summary>
    public string Folder { get; }

    /// <summary>The number of cases, which is the number of rows of the table.</summary>
    public int Cases { get; }

    /// <summary>The number of image files, two per case.</summary>
    public int Images { get; }

    /// <summary>The splits in the order train, validation, test.</summary>
    public IReadOnlyList<SyntheticSplitSummary> Splits { get; }
}

/// <summary>The content of one split of a synthetic release.</summary>
public sealed class SyntheticSplitSummary
{
    internal SyntheticSplitSummary(string name, int cases, IReadOnlyList<IReadOnlyList<int>> labelCounts) =>
        (Name, Cases, LabelCounts) = (name, cases, labelCounts);

    /// <summary>The split's name, for example <c>train</c>.</summary>
    public string Name { get; }

    /// <summary>The number of cases in the split.</summary>
    public int Cases { get; }

    /// <summary>For every task of <see cref="Taxonomy.Derm7pt"/> the number of cases that carry each label.</summary>
    public IReadOnlyList<IReadOnlyList<int>> LabelCounts { get; }
}
