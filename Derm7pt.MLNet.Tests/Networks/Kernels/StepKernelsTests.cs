using Derm7pt.MLNet.Networks.Kernels;

namespace Derm7pt.MLNet.Tests.Networks.Kernels;

[TestClass]
public sealed unsafe class StepKernelsTests
{
    // Vectors and the rest.
    private const int Length = 29;

    private static readonly AdamStep Step = new(Kept: 0.99, L2: 0.01, FirstShare: 0.1, SecondShare: 0.001, RootScale: 5, Epsilon: 1e-8, Size: 0.3);

    // What a weight becomes depends on nothing but its own numbers: not on its place, and so neither on the width of the processor's vectors.
    [TestMethod]
    public void Adam_OneWeightAtATime_IsTheSameBits()
    {
        float[] weights = Values(1), gradient = Values(2), first = Values(3), second = [.. Values(4).Select(Math.Abs)];
        float[] singleWeights = [.. weights], singleFirst = [.. first], singleSecond = [.. second];

        fixed (float* w = weights, g = gradient, m = first, v = second)
            StepKernels.Adam(w, g, m, v, Length, Step);
        fixed (float* w = singleWeights, g = gradient, m = singleFirst, v = singleSecond)
        {
            for (int i = 0; i < Length; i++)
                StepKernels.Adam(w + i, g + i, m + i, v + i, 1, Step);
        }

        CollectionAssert.AreEqual(singleWeights, weights);
        CollectionAssert.AreEqual(singleFirst, first);
        CollectionAssert.AreEqual(singleSecond, second);
    }

    [TestMethod]
    public void Average_OneValueAtATime_IsTheSameBits()
    {
        float[] averages = Values(1), values = Values(2), single = [.. averages];

        fixed (float* average = averages, value = values, one = single)
        {
            StepKernels.Average(average, value, Length, 0.3);
            for (int i = 0; i < Length; i++)
                StepKernels.Average(one + i, value + i, 1, 0.3);
        }

        CollectionAssert.AreEqual(single, averages);
    }

    private static float[] Values(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Length).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }
}
