using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Training.Sampling;

/// <summary>
/// Draws every case once per epoch, in a random order. Mini-batches have sizes that differ by one at most: a small remainder would
/// give its cases a larger share of the epoch's gradients, and normalization the statistics of a few cases.
/// </summary>
internal sealed class EpochSampler : IBatchSampler
{
    private readonly int _caseCount;
    private readonly int _batchSize;
    private readonly int _seed;

    /// <param name="caseCount">The number of cases.</param>
    /// <param name="batchSize">The largest number of cases in a mini-batch.</param>
    /// <param name="seed">Decides the orders.</param>
    public EpochSampler(int caseCount, int batchSize, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(caseCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        (_caseCount, _batchSize, _seed) = (caseCount, batchSize, seed);
    }

    public int BatchesPerEpoch => ((_caseCount - 1) / _batchSize) + 1;

    public string Description => Invariant($"every case once per epoch, at most {_batchSize} cases a mini-batch");

    public int[] Draw(int epoch, int batch)
    {
        int[] order = [.. Enumerable.Range(0, _caseCount)];
        SeedSequence.Random(_seed, SeedSequence.Purpose.Sampling, epoch).Shuffle(order);
        return order[Start(batch)..Start(batch + 1)];
    }

    private int Start(int batch) => (int)((long)batch * _caseCount / BatchesPerEpoch);
}
