using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Training.Sampling;

/// <summary>
/// Draws from the natural distribution: the cases in a random order, each once before any is repeated, across the
/// boundaries of mini-batches and epochs.
/// </summary>
internal sealed class ShuffledSampler : IBatchSampler
{
    private readonly int _caseCount;
    private readonly int _batchSize;
    private readonly int _seed;

    public ShuffledSampler(int caseCount, int batchSize, int batchesPerEpoch, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(caseCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchesPerEpoch);
        (_caseCount, _batchSize, BatchesPerEpoch, _seed) = (caseCount, batchSize, batchesPerEpoch, seed);
    }

    public int BatchesPerEpoch { get; }

    public string Description => Invariant($"natural distribution, {_batchSize} cases a mini-batch");

    public int[] Draw(int epoch, int batch)
    {
        long first = (((long)epoch * BatchesPerEpoch) + batch) * _batchSize;
        var drawn = new int[_batchSize];
        int[] pass = [];
        for (int i = 0; i < _batchSize; i++)
        {
            int position = (int)((first + i) % _caseCount);
            if (i == 0 || position == 0)
                pass = Pass((int)((first + i) / _caseCount));
            drawn[i] = pass[position];
        }

        return drawn;
    }

    private int[] Pass(int number)
    {
        int[] order = [.. Enumerable.Range(0, _caseCount)];
        SeedSequence.Random(_seed, SeedSequence.Purpose.Sampling, number).Shuffle(order);
        return order;
    }
}
