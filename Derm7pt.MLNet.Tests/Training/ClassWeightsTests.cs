using Derm7pt.MLNet.Tasks;
using Derm7pt.MLNet.Training;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class ClassWeightsTests
{
    private static readonly Taxonomy Tasks = Taxonomy.Derm7pt;

    // Task 1 has three labels, here 4, 0 and 16 cases of 20: (20/4)^½ = √5 and (20/16)^½ = √1.25, whose mean over the cases is
    // (4·√5 + 16·√1.25) / 20 = (4·√5 + 8·√5) / 20 = 0.6·√5. So the weights are 1/0.6 and ½/0.6.
    [TestMethod]
    public void Compute_HalfExponent_IsTheHandComputedWeight()
    {
        float[][] weights = ClassWeights.Compute(Labels(1, [.. Enumerable.Repeat(0, 4), .. Enumerable.Repeat(2, 16)]), 0.5);

        Assert.AreEqual(1 / 0.6, weights[1][0], 1e-6);
        Assert.AreEqual(0, weights[1][1]);
        Assert.AreEqual(0.5 / 0.6, weights[1][2], 1e-6);
    }

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(0.3)]
    [DataRow(1.0)]
    public void Compute_AnyExponent_HasMeanOneOverTheLabelledCases(double exponent)
    {
        int[] column = [0, 0, LabelTable.Missing, 1, 2, 2, 2, 2, LabelTable.Missing];

        float[] weights = ClassWeights.Compute(Labels(1, column), exponent)[1];

        Assert.AreEqual(1, column.Where(label => label != LabelTable.Missing).Average(label => weights[label]), 1e-6);
        if (exponent == 1)
            Assert.IsTrue(column.Where(l => l != LabelTable.Missing).GroupBy(l => l).All(g => Math.Abs(g.Sum(l => weights[l]) - (7 / 3.0)) < 1e-5));
        if (exponent == 0)
            Assert.IsTrue(weights.All(weight => weight == 1));
    }

    [TestMethod]
    public void Compute_TaskWithoutLabels_HasNoWeights() =>
        Assert.IsTrue(ClassWeights.Compute(Labels(1, [LabelTable.Missing, LabelTable.Missing]), 0.5)[1].All(weight => weight == 0));

    // One task has the given labels, all others have label 0 in every case.
    private static LabelTable Labels(int task, int[] column) =>
        new(Tasks, [.. Tasks.Tasks.Select((_, t) => t == task ? column : new int[column.Length])]);
}
