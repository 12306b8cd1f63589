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
    /// <returns>The zero-based cases of both parts, ascending.</returns>
    public static (int[] Train, int[] Validation) Draw(LabelTable labels, double fraction, int seed)
    {
        int[][] left = [.. Enumerable.Range(0, labels.Columns.Count)
            .Select(task => Array.ConvertAll(labels.Counts(task), count => Math.Min(count - 1, (int)Math.Ceiling(fraction * count))))];
        int[] order = [.. Enumerable.Range(0, labels.CaseCount)];
        SeedSequence.Random(seed, SeedSequence.Purpose.ValidationSplit).Shuffle(order);

        var validation = new SortedSet<int>();
        foreach (int candidate in order.TakeWhile(_ => validation.Count < (int)Math.Round(fraction * labels.CaseCount)))
        {
            int[] carried = [.. labels.Columns.Select(column => column[candidate])];
            if (!carried.Where((label, task) => label != LabelTable.Missing && left[task][label] <= 0).Any())
            {
                validation.Add(candidate);
                for (int task = 0; task < carried.Length; task++)
                {
                    if (carried[task] != LabelTable.Missing)
                        left[task][carried[task]]--;
                }
            }
        }

        return ([.. Enumerable.Range(0, labels.CaseCount).Where(c => !validation.Contains(c))], [.. validation]);
    }
}
