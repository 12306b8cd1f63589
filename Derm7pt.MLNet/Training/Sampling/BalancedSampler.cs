using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Tasks;

namespace Derm7pt.MLNet.Training.Sampling;

/// <summary>
/// Balanced sampling (Kawahara et al., IEEE JBHI 2018): for every label of every task k cases that carry it, so a
/// mini-batch holds k × (number of labels) cases, some of them more than once.
/// </summary>
/// <remarks>
/// A label with at least k cases gives k different ones; a label with fewer is drawn with replacement. Slots
/// [i·k, (i+1)·k) of a batch belong to label i in the order of <see cref="Taxonomy"/>.
/// </remarks>
internal sealed class BalancedSampler : IBatchSampler
{
    private readonly int[][] _casesOfLabel;
    private readonly int _samplesPerLabel;
    private readonly int _seed;

    /// <param name="labels">The labels of the training cases.</param>
    /// <param name="samplesPerLabel">k.</param>
    /// <param name="seed">Decides what is drawn.</param>
    /// <param name="batchesPerEpoch">The number of mini-batches per epoch; null for the fewest that draw as often as there are cases.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="samplesPerLabel"/> or <paramref name="batchesPerEpoch"/> is not positive.</exception>
    /// <exception cref="InvalidOperationException">Labels have no case; the message names all of them.</exception>
    public BalancedSampler(LabelTable labels, int samplesPerLabel, int seed, int? batchesPerEpoch = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samplesPerLabel);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchesPerEpoch ?? 1, nameof(batchesPerEpoch));
        (_samplesPerLabel, _seed) = (samplesPerLabel, seed);

        Taxonomy taxonomy = labels.Taxonomy;
        var casesOfLabel = new List<int[]>(taxonomy.LabelCount);
        var absent = new List<string>();
        for (int task = 0; task < taxonomy.Tasks.Count; task++)
        {
            int[] column = labels.Columns[task];
            ILookup<int, int> cases = Enumerable.Range(0, column.Length).ToLookup(c => column[c]);
            for (int label = 0; label < taxonomy.Tasks[task].Labels.Count; label++)
            {
                int[] carriers = [.. cases[label]];
                if (carriers.Length == 0)
                    absent.Add($"'{taxonomy.Tasks[task].Labels[label].Name}' of {taxonomy.Tasks[task].Name}");
                casesOfLabel.Add(carriers);
            }
        }

        if (absent.Count > 0)
        {
            throw new InvalidOperationException(
                $"Balanced sampling needs at least one training case of every label; there is none of {string.Join(", ", absent)}.");
        }

        _casesOfLabel = [.. casesOfLabel];
        BatchesPerEpoch = batchesPerEpoch ?? Math.Max(1, (int)Math.Ceiling((double)labels.CaseCount / BatchSize));
    }

    public int BatchesPerEpoch { get; }

    public int BatchSize => _casesOfLabel.Length * _samplesPerLabel;

    public string Description => Invariant($"balanced, {_samplesPerLabel} cases a label");

    public int[] Draw(int epoch, int batch)
    {
        Random random = SeedSequence.Random(_seed, SeedSequence.Purpose.Sampling, epoch, batch);
        var drawn = new int[BatchSize];
        for (int label = 0; label < _casesOfLabel.Length; label++)
            DrawLabel(_casesOfLabel[label], drawn.AsSpan(label * _samplesPerLabel, _samplesPerLabel), random);
        return drawn;
    }

    private static void DrawLabel(int[] cases, Span<int> slots, Random random)
    {
        if (cases.Length < slots.Length)
        {
            foreach (ref int slot in slots)
                slot = cases[random.Next(cases.Length)];
            return;
        }

        // Floyd's sampling: as many random numbers as slots, however many cases there are.
        for (int i = 0; i < slots.Length; i++)
        {
            int limit = cases.Length - slots.Length + i;
            int candidate = cases[random.Next(limit + 1)];
            slots[i] = slots[..i].Contains(candidate) ? cases[limit] : candidate;
        }
    }
}
