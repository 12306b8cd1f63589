using Derm7pt.MLNet.Tasks;
using Derm7pt.MLNet.Training.Sampling;

namespace Derm7pt.MLNet.Tests.Training.Sampling;

[TestClass]
public sealed class BalancedSamplerTests
{
    private static readonly Taxonomy Taxonomy = Taxonomy.Derm7pt;

    [TestMethod]
    [DataRow(1)]
    [DataRow(6)]
    [DataRow(40)]
    public void Draw_AnyK_EveryLabelHasExactlyKSlotsOfItsOwnCases(int k)
    {
        LabelTable labels = Labels(caseCount: 300);
        var sampler = new BalancedSampler(labels, k, seed: 5);

        foreach ((int epoch, int batch) in new[] { (0, 0), (3, 2) })
        {
            int[] drawn = sampler.Draw(epoch, batch);
            Assert.HasCount(24 * k, drawn);
            int slot = 0;
            for (int task = 0; task < Taxonomy.Tasks.Count; task++)
            {
                int[] counts = labels.Counts(task);
                for (int label = 0; label < counts.Length; label++, slot += k)
                {
                    int[] ofLabel = drawn[slot..(slot + k)];
                    Assert.IsTrue(ofLabel.All(c => labels.Columns[task][c] == label), $"{Taxonomy.Tasks[task].Name} {label}");
                    if (counts[label] >= k)
                        Assert.HasCount(k, ofLabel.Distinct(), "a label with enough cases is drawn without replacement");
                }
            }
        }
    }

    [TestMethod]
    public void Draw_ManyBatches_EveryCaseOfALabelIsEquallyLikely()
    {
        LabelTable labels = Labels(caseCount: 60);
        var sampler = new BalancedSampler(labels, 2, seed: 1);
        var hits = new int[60];
        const int Batches = 3000;
        for (int batch = 0; batch < Batches; batch++)
        {
            // Slots 2 and 3 are those of label 1 of the first task.
            foreach (int c in sampler.Draw(0, batch)[2..4])
                hits[c]++;
        }

        int[] carriers = [.. Enumerable.Range(0, 60).Where(c => labels.Columns[0][c] == 1)];
        double expected = 2.0 * Batches / carriers.Length;
        // Five standard deviations of a binomial count.
        double tolerance = 5 * Math.Sqrt(expected * (1 - (2.0 / carriers.Length)));
        foreach (int c in carriers)
            Assert.AreEqual(expected, hits[c], tolerance, $"case {c}");
    }

    [TestMethod]
    public void Draw_SameSeedEpochAndBatch_Repeats()
    {
        LabelTable labels = Labels(caseCount: 100);
        CollectionAssert.AreEqual(new BalancedSampler(labels, 6, 5).Draw(7, 3), new BalancedSampler(labels, 6, 5).Draw(7, 3));
        CollectionAssert.AreNotEqual(new BalancedSampler(labels, 6, 5).Draw(7, 3), new BalancedSampler(labels, 6, 5).Draw(7, 4));
        CollectionAssert.AreNotEqual(new BalancedSampler(labels, 6, 5).Draw(7, 3), new BalancedSampler(labels, 6, 5).Draw(8, 3));
        CollectionAssert.AreNotEqual(new BalancedSampler(labels, 6, 5).Draw(7, 3), new BalancedSampler(labels, 6, 6).Draw(7, 3));
    }

    [TestMethod]
    public void Constructor_LabelsWithoutCases_NamesAllOfThem()
    {
        LabelTable labels = Labels(caseCount: 50);
        Array.ForEach(Enumerable.Range(0, 50).ToArray(), c => labels.Columns[1][c] = Math.Min(labels.Columns[1][c], 1));
        Array.Fill(labels.Columns[7], 0);

        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(() => new BalancedSampler(labels, 6, 1));

        StringAssert.Contains(e.Message, "'atypical' of PigmentNetwork");
        StringAssert.Contains(e.Message, "'present' of RegressionStructures");
    }

    [TestMethod]
    public void Draw_MissingLabels_AreNeverDrawnForTheirTask()
    {
        LabelTable labels = Labels(caseCount: 200);
        for (int c = 0; c < 200; c += 2)
            labels.Columns[2][c] = LabelTable.Missing;
        int[] drawn = new BalancedSampler(labels, 6, 1).Draw(0, 0);

        // BlueWhitishVeil's two labels follow the 5 + 3 labels of the tasks before it.
        Assert.IsTrue(drawn[(8 * 6)..(10 * 6)].All(c => labels.Columns[2][c] != LabelTable.Missing));
    }

    /// <summary>Random labels in which every label occurs.</summary>
    internal static LabelTable Labels(int caseCount)
    {
        var random = new Random(11);
        return new LabelTable(Taxonomy, [.. Taxonomy.Tasks.Select(task =>
            Enumerable.Range(0, caseCount).Select(c => c < task.Labels.Count ? c : Skewed(task.Labels.Count)).ToArray())]);

        int Skewed(int labels) => (int)(labels * random.NextDouble() * random.NextDouble());
    }
}
