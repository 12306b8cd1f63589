using Derm7pt.MLNet.Training;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class BatchWeightsTests
{
    // Counts 4, 2, 1: by hand 4/4, 4/2, 4/1.
    [TestMethod]
    public void Compute_Counts_LargestOverOwn()
    {
        var weights = new float[7];
        BatchWeights.Compute([0, 1, 0, 2, 0, 1, 0], 3, weights);
        CollectionAssert.AreEqual(new float[] { 1, 2, 1, 4, 1, 2, 1 }, weights);
    }

    [TestMethod]
    public void Compute_MissingLabels_WeighNothingAndCountNothing()
    {
        var weights = new float[5];
        BatchWeights.Compute([-1, 0, 0, 1, -1], 2, weights);
        CollectionAssert.AreEqual(new float[] { 0, 1, 1, 2, 0 }, weights);
    }
}
