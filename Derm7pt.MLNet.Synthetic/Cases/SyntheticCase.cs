namespace Derm7pt.MLNet.Synthetic;

/// <summary>One row of the table and what its picture shows.</summary>
/// <param name="Row">The zero-based row.</param>
/// <param name="Split">0 train, 1 validation, 2 test.</param>
/// <param name="Labels">The label of each task in the table.</param>
/// <param name="DrawnLabels">The label of each task in the image, which differs only by label noise.</param>
/// <param name="Seed">The seed of everything about this case but its labels.</param>
internal sealed record SyntheticCase(
    int Row, int Split, IReadOnlyList<int> Labels, IReadOnlyList<int> DrawnLabels, int Seed);
