using Derm7pt.MLNet.Tasks;


namespace Derm7pt.MLNet.Training;

/// <summary>
/// Weights of the cases of a mini-batch for one task: (largest label count) / (count of the case's label), so that all
/// labels of the mini-batch weigh the same in sum (Kawahara et al., IEEE JBHI 2018).
/// </summary>
internal static class BatchWeights
{
    /// <param name="labels">The cases' labels; <see cref="LabelTable.Missing"/> weighs 0.</param>
    /// <param name="labelCount">The task's number of labels.</param>
    /// <param name="weights">Receives one weight per case.</param>
    public static void Compute(ReadOnlySpan<int> labels, int labelCount, Span<float> weights)
    {
        Span<int> counts = stackalloc int[labelCount];
        foreach (int label in labels)
        {
            if (label != LabelTable.Missing)
                counts[label]++;
        }

        int largest = 0;
        foreach (int count in counts)
            largest = Math.Max(largest, count);
        for (int i = 0; i < labels.Length; i++)
            weights[i] = labels[i] == LabelTable.Missing ? 0 : (float)largest / counts[labels[i]];
    }
}
