using Derm7pt.MLNet.Tasks;

namespace Derm7pt.MLNet.Training;

/// <summary>
/// Weights of the labels of every task, the same in all mini-batches: (1 / frequency)^e among the training cases, scaled so that their
/// mean over the training cases is 1.
/// </summary>
internal static class ClassWeights
{
    /// <param name="labels">The labels of the training cases.</param>
    /// <param name="exponent">e: with 0 all cases weigh 1, with 1 all labels of a task weigh the same in sum.</param>
    /// <returns>For each task a weight for each label; 0 for a label that no training case has.</returns>
    public static float[][] Compute(LabelTable labels, double exponent) =>
        [.. Enumerable.Range(0, labels.Columns.Count).Select(task => OfTask(labels.Counts(task), exponent))];

    private static float[] OfTask(IReadOnlyList<int> counts, double exponent)
    {
        double cases = counts.Sum();
        double[] weights = [.. counts.Select(count => count == 0 ? 0 : Math.Pow(cases / count, exponent))];
        double sum = counts.Zip(weights, (count, weight) => count * weight).Sum();
        return [.. weights.Select(weight => (float)(weight == 0 ? 0 : weight * cases / sum))];
    }
}
