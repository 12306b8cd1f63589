using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Tasks;

namespace Derm7pt.MLNet.Training.Sampling;

/// <summary>Divides cases into folds for cross-validation, each with about its share of every label of every task.</summary>
/// <remarks>
/// Iterative stratification (Sechidis, Tsoumakas and Vlahavas, ECML PKDD 2011) of whole groups: the label with the fewest remaining cases is
/// processed first, and each of its groups is assigned to the fold that lacks most cases of it. If possible, no fold gets all cases of a
/// label, since the other folds would then have none to train on.
/// </remarks>
internal sealed class Folds
{
    private readonly int[][] _groups;

    // By group and label: the number of the group's cases with the label. The labels of all tasks are in one list.
    private readonly int[][] _carried;

    // By fold and label: the number of cases that the fold lacks, and the number of its groups that have the label.
    private readonly double[][] _lacking;
    private readonly int[][] _carriers;

    // By fold: the number of cases that it lacks, and the number of its groups.
    private readonly double[] _room;
    private readonly int[] _size;

    private readonly int[] _carriersOfLabel;
    private readonly int[] _foldOfGroup;
    private readonly Random _random;
    private int _unassigned;

    private Folds(LabelTable labels, CaseGroups groups, int folds, int seed)
    {
        _random = SeedSequence.Random(seed, SeedSequence.Purpose.Folds);
        _groups = groups.Cases();
        _random.Shuffle(_groups);
        // Large groups are assigned first, since small groups can even out the differences that remain.
        _groups = [.. _groups.OrderByDescending(group => group.Length)];
        _carried = [.. _groups.Select(group => Counts(labels.Subset(group)))];
        double[] share = [.. Counts(labels).Select(count => (double)count / folds)];
        _lacking = [.. Enumerable.Range(0, folds).Select(_ => share.ToArray())];
        _carriers = [.. Enumerable.Range(0, folds).Select(_ => new int[share.Length])];
        _room = [.. Enumerable.Repeat((double)labels.CaseCount / folds, folds)];
        _size = new int[folds];
        _carriersOfLabel = [.. share.Select((_, label) => _carried.Count(counts => counts[label] > 0))];
        _foldOfGroup = [.. Enumerable.Repeat(-1, _groups.Length)];
        _unassigned = _groups.Length;
    }

    /// <param name="labels">The labels of all cases.</param>
    /// <param name="groups">The groups of cases that must be in one fold; at least as many as folds.</param>
    /// <param name="folds">The number of folds.</param>
    /// <param name="seed">The seed of the random order.</param>
    /// <returns>For each case its zero-based fold. Every fold has cases.</returns>
    public static int[] Draw(LabelTable labels, CaseGroups groups, int folds, int seed) =>
        new Folds(labels, groups, folds, seed).Draw(labels.CaseCount);

    private int[] Draw(int caseCount)
    {
        while (RarestLabel() is { } label)
        {
            foreach (int group in Unassigned.Where(group => _carried[group][label] > 0).ToArray())
                Assign(group, label);
        }

        foreach (int group in Unassigned.ToArray())
            Assign(group, label: null);

        var foldOfCase = new int[caseCount];
        for (int group = 0; group < _groups.Length; group++)
        {
            foreach (int member in _groups[group])
                foldOfCase[member] = _foldOfGroup[group];
        }

        return foldOfCase;
    }

    private IEnumerable<int> Unassigned => Enumerable.Range(0, _groups.Length).Where(group => _foldOfGroup[group] < 0);

    /// <summary>Finds the label with the fewest cases, but at least one, in groups without a fold.</summary>
    private int? RarestLabel()
    {
        int[] unassigned = [.. Unassigned];
        return Enumerable.Range(0, _carriersOfLabel.Length)
            .Select(label => (Label: label, Left: unassigned.Sum(group => _carried[group][label])))
            .Where(entry => entry.Left > 0)
            .OrderBy(entry => entry.Left)
            .Select(entry => (int?)entry.Label)
            .FirstOrDefault();
    }

    private void Assign(int group, int? label)
    {
        int[] empty = [.. Enumerable.Range(0, _size.Length).Where(fold => _size[fold] == 0)];
        IEnumerable<int> candidates = empty.Length == _unassigned ? empty : Enumerable.Range(0, _size.Length);
        int chosen = candidates
            .OrderBy(fold => LabelsWithoutOthers(group, fold))
            .ThenByDescending(fold => label is { } wanted ? _lacking[fold][wanted] : 0)
            .ThenByDescending(fold => _room[fold])
            .ThenBy(_ => _random.Next())
            .First();
        _foldOfGroup[group] = chosen;
        _size[chosen]++;
        _unassigned--;
        _room[chosen] -= _groups[group].Length;
        for (int carried = 0; carried < _carriersOfLabel.Length; carried++)
        {
            _lacking[chosen][carried] -= _carried[group][carried];
            _carriers[chosen][carried] += _carried[group][carried] > 0 ? 1 : 0;
        }
    }

    /// <summary>Counts the labels of several groups whose cases would all be in one fold.</summary>
    private int LabelsWithoutOthers(int group, int fold) => Enumerable.Range(0, _carriersOfLabel.Length).Count(label =>
        _carried[group][label] > 0 && _carriersOfLabel[label] > 1 && _carriers[fold][label] == _carriersOfLabel[label] - 1);

    private static int[] Counts(LabelTable labels) => [.. Enumerable.Range(0, labels.Columns.Count).SelectMany(labels.Counts)];
}
