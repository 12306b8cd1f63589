namespace Derm7pt.MLNet.Training.Sampling;

/// <summary>Cases that stay together where cases are divided, such as those of one patient.</summary>
/// <param name="GroupOfCase">For each case a number that the cases of its group have in common, and no others.</param>
internal sealed record CaseGroups(IReadOnlyList<int> GroupOfCase)
{
    /// <summary>Groups of one case each.</summary>
    public static CaseGroups Single(int caseCount) => new([.. Enumerable.Range(0, caseCount)]);

    /// <summary>The cases of each group, ascending, in the order of the groups' first cases.</summary>
    public int[][] Cases() =>
        [.. Enumerable.Range(0, GroupOfCase.Count).GroupBy(c => GroupOfCase[c]).Select(group => group.ToArray())];

    /// <summary>The groups of some of the cases.</summary>
    public CaseGroups Subset(IReadOnlyList<int> cases) => new([.. cases.Select(c => GroupOfCase[c])]);
}
