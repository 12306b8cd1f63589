namespace Derm7pt.MLNet.Synthetic;

/// <summary>What <see cref="SyntheticRelease.Write"/> wrote.</summary>
/// <param name="Folder">The full path of the release.</param>
/// <param name="Cases">The number of cases, which is the number of rows of the table.</param>
/// <param name="Images">The number of picture files: two a case.</param>
/// <param name="Splits">The splits in the order train, validation, test.</param>
public sealed record SyntheticReleaseSummary(
    string Folder, int Cases, int Images, IReadOnlyList<SyntheticSplitSummary> Splits);

/// <summary>The content of one split of a synthetic release.</summary>
/// <param name="Name">The split's name, for example <c>train</c>.</param>
/// <param name="Cases">The number of cases in the split.</param>
/// <param name="LabelCounts">For every task of <see cref="Taxonomy.Derm7pt"/> the number of cases that carry each label.</param>
public sealed record SyntheticSplitSummary(string Name, int Cases, IReadOnlyList<IReadOnlyList<int>> LabelCounts);
