using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Tasks;

namespace Derm7pt.MLNet.Training.Sampling;

/// <summary>Sets cases aside for validation.</summary>
internal static class ValidationSplit
{
    /// <summary>
    /// Draws about a share of the cases at random, of every label at most its share, and never the last case: a rare label
    /// is still there to train on.
    /// </summary>
    /// <param name="labels">The labels of all cases.</param>
    /// <param name="fraction">The share to set aside, in [0, 1).</param>
    /// <param name="seed">Decides what is drawn.</param>
    /// <param name="groups">Cases that are set aside together or not at all; null where each case is for itself.</param>
    /// <returns>The zero-based cases of both parts, ascending.</returns>
    public static (int[] Train, int[] Validation) Draw(LabelTable labels, double fraction, int seed, CaseGroups? groups = null)
    {
        int[][] left = [.. Enumerable.Range(0, labels.Columns.Count)
            .Select(task => Array.ConvertAll(labels.Counts(task), count => Math.Min(count - 1, (int)Math.Ceiling(fraction * count))))];
        int[][] order = (groups ?? CaseGroups.Single(labels.CaseCount)).Cases();
        SeedSequence.Random(seed, SeedSequence.Purpose.ValidationSplit).Shuffle(order);

        int wanted = (int)Math.Round(fraction * labels.CaseCount);
        var validation = new SortedSet<int>();
        foreach (int[] group in order)
        {
            if (validation.Count + group.Length > wanted)
                continue;
            LabelTable cases = labels.Subset(group);
            int[][] carried = [.. Enumerable.Range(0, left.Length).Select(cases.Counts)];
            if (carried.Where((counts, task) => counts.Where((count, label) => count > Math.Max(0, left[task][label])).Any()).Any())
                continue;
            validation.UnionWith(group);
            for (int task = 0; task < left.Length; task++)
            {
                for (int label = 0; label < left[task].Length; label++)
                    left[task][label] -= carried[task][label];
            }
        }

        return ([.. Enumerable.Range(0, labels.CaseCount).Where(c => !validation.Contains(c))], [.. validation]);
    }
}
