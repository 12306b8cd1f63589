namespace Derm7pt.MLNet.Training.Sampling;

/// <summary>Says which cases make up a mini-batch: a pure function of (epoch, batch).</summary>
internal interface IBatchSampler
{
    /// <summary>The number of mini-batches of an epoch.</summary>
    int BatchesPerEpoch { get; }

    /// <summary>How mini-batches are drawn, in words: samplers of one seed with the same words draw the same.</summary>
    string Description { get; }

    /// <summary>The zero-based cases of a mini-batch; a case may occur more than once.</summary>
    int[] Draw(int epoch, int batch);
}
