namespace Derm7pt.MLNet.Tasks;

/// <summary>The labels of all cases for all tasks of a taxonomy.</summary>
/// <param name="Taxonomy">The tasks.</param>
/// <param name="Columns">For each task, for each case, the zero-based label, or <see cref="Missing"/>.</param>
internal sealed record LabelTable(Taxonomy Taxonomy, IReadOnlyList<int[]> Columns)
{
    /// <summary>Represents an unknown label.</summary>
    public const int Missing = -1;

    public int CaseCount => Columns[0].Length;

    /// <summary>The number of cases that carry each label of a task.</summary>
    public int[] Counts(int task)
    {
        var counts = new int[Taxonomy.Tasks[task].Labels.Count];
        foreach (int label in Columns[task])
        {
            if (label != Missing)
                counts[label]++;
        }

        return counts;
    }

    /// <summary>The same table for some of the cases, in the order given.</summary>
    public LabelTable Subset(IReadOnlyList<int> cases) =>
        this with { Columns = [.. Columns.Select(column => cases.Select(c => column[c]).ToArray())] };
}
