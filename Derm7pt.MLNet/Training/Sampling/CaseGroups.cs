namespace Derm7pt.MLNet.Training.Sampling;

/// <summary>Represents groups of cases that are kept together when cases are divided, such as the cases of one patient.</summary>
/// <param name="GroupOfCase">For each case the number of its group.</param>
internal sealed record CaseGroups(IReadOnlyList<int> GroupOfCase)
{
    /// <summary>Creates groups of one case each.</summary>
    public static CaseGroups Single(int caseCount) => new([.. Enumerable.Range(0, caseCount)]);

    /// <summary>Gets the cases of each group in ascending order. Groups are in the order of their first cases.</summary>
    public int[][] Cases() =>
        [.. Enumerable.Range(0, GroupOfCase.Count).GroupBy(c => GroupOfCase[c]).Select(group => group.ToArray())];

    /// <summary>Gets the groups of some of the cases.</summary>
    public CaseGroups Subset(IReadOnlyList<int> cases) => new([.. cases.Select(c => GroupOfCase[c])]);
}
