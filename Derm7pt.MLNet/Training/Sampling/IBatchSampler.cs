namespace Derm7pt.MLNet.Training.Sampling;

/// <summary>Selects the cases of a mini-batch, as a pure function of (epoch, batch).</summary>
internal interface IBatchSampler
{
    /// <summary>The number of mini-batches of an epoch.</summary>
    int BatchesPerEpoch { get; }

    /// <summary>The description of how mini-batches are drawn. Samplers with equal seeds and descriptions draw the same cases.</summary>
    string Description { get; }

    /// <summary>The zero-based cases of a mini-batch; a case may occur more than once.</summary>
    int[] Draw(int epoch, int batch);
}
