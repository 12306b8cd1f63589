using Derm7pt.MLNet.Tasks;
using Derm7pt.MLNet.Training;
using Derm7pt.MLNet.Training.Sampling;

namespace Derm7pt.MLNet.Tests.Training.Sampling;

[TestClass]
public sealed class FoldsTests
{
    [TestMethod]
    [DataRow(50, 5, 1)]
    [DataRow(203, 7, 2)]
    [DataRow(11, 11, 3)]
    [DataRow(12, 2, 4)]
    public void Draw_AnyCases_DividesThemIntoFoldsOfAboutOneSize(int cases, int folds, int seed)
    {
        LabelTable labels = Labels(cases, seed);

        int[] foldOfCase = Folds.Draw(labels, CaseGroups.Single(cases), folds, seed);

        Assert.HasCount(cases, foldOfCase);
        int[] sizes = [.. Enumerable.Range(0, folds).Select(fold => foldOfCase.Count(own => own == fold))];
        Assert.AreEqual(cases, sizes.Sum());
        Assert.IsGreaterThan(0, sizes.Min());
        Assert.IsLessThanOrEqualTo(Math.Max(2, cases / folds / 3), sizes.Max() - sizes.Min());
    }

    [TestMethod]
    public void Draw_LabelsOfAllFrequencies_GivesEachFoldItsShare()
    {
        const int Cases = 400, Count = 5;
        LabelTable labels = Labels(Cases, seed: 8);

        int[] foldOfCase = Folds.Draw(labels, CaseGroups.Single(Cases), Count, seed: 1);

        for (int task = 0; task < labels.Columns.Count; task++)
        {
            int[] all = labels.Counts(task);
            for (int fold = 0; fold < Count; fold++)
            {
                int[] counts = labels.Subset([.. Enumerable.Range(0, Cases).Where(c => foldOfCase[c] == fold)]).Counts(task);
                for (int label = 0; label < all.Length; label++)
                    Assert.IsLessThanOrEqualTo(2 + (all[label] / Count / 4), Math.Abs(counts[label] - (all[label] / Count)), $"task {task}, label {label}, fold {fold}");
            }
        }
    }

    [TestMethod]
    public void Draw_RareLabels_LeavesSomeCasesToTrainOn()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            LabelTable labels = Labels(30, seed);
            int[] foldOfCase = Folds.Draw(labels, CaseGroups.Single(30), 3, seed);
            for (int task = 0; task < labels.Columns.Count; task++)
            {
                int[] counts = labels.Counts(task);
                for (int label = 0; label < counts.Length; label++)
                {
                    int[] carriers = [.. Enumerable.Range(0, 30).Where(c => labels.Columns[task][c] == label)];
                    if (carriers.Length > 1)
                        Assert.IsGreaterThan(1, carriers.Select(c => foldOfCase[c]).Distinct().Count(), $"seed {seed}, task {task}, label {label}");
                }
            }
        }
    }

    [TestMethod]
    [DataRow(4)]
    [DataRow(40)]
    public void Draw_Groups_KeepsThemTogetherAndFillsEveryFold(int groupCount)
    {
        const int Cases = 120;
        var random = new Random(groupCount);
        // Every group has a case; their sizes differ.
        var groups = new CaseGroups([.. Enumerable.Range(0, Cases).Select(c => c < groupCount ? c : (int)(groupCount * random.NextDouble() * random.NextDouble()))]);

        int[] foldOfCase = Folds.Draw(Labels(Cases, seed: 3), groups, folds: 4, seed: 5);

        foreach (int[] group in groups.Cases())
            Assert.AreEqual(1, group.Select(c => foldOfCase[c]).Distinct().Count());
        Assert.AreEqual(4, foldOfCase.Distinct().Count());
    }

    [TestMethod]
    public void Draw_SameSeed_Repeats_AndAnotherDoesNot()
    {
        LabelTable labels = Labels(90, seed: 2);
        int[] Draw(int seed) => Folds.Draw(labels, CaseGroups.Single(90), 5, seed);

        CollectionAssert.AreEqual(Draw(1), Draw(1));
        CollectionAssert.AreNotEqual(Draw(1), Draw(2));
    }

    [TestMethod]
    public void Draw_NoLabelKnown_DividesTheCasesEvenly()
    {
        int[] missing = [.. Enumerable.Repeat(LabelTable.Missing, 20)];
        var labels = new LabelTable(Taxonomy.Derm7pt, [.. Taxonomy.Derm7pt.Tasks.Select(_ => missing)]);

        int[] foldOfCase = Folds.Draw(labels, CaseGroups.Single(20), 4, seed: 1);

        Assert.IsTrue(foldOfCase.CountBy(fold => fold).All(entry => entry.Value == 5));
    }

    [TestMethod]
    public void ValidationSplit_Groups_KeepsThemTogetherAndRareLabelsInTraining()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            LabelTable labels = Labels(100, seed);
            var groups = new CaseGroups([.. Enumerable.Range(0, 100).Select(c => c / 3)]);

            (int[] train, int[] validation) = ValidationSplit.Draw(labels, 0.25, seed, groups);

            CollectionAssert.AreEqual(Enumerable.Range(0, 100).ToArray(), train.Concat(validation).Order().ToArray());
            Assert.IsFalse(train.Select(c => c / 3).Intersect(validation.Select(c => c / 3)).Any());
            Assert.IsGreaterThan(10, validation.Length);
            Assert.IsLessThanOrEqualTo(25, validation.Length);
            for (int task = 0; task < labels.Columns.Count; task++)
            {
                (int[] all, int[] trained) = (labels.Counts(task), labels.Subset(train).Counts(task));
                Assert.IsTrue(all.Zip(trained).All(pair => pair.First == 0 || pair.Second > 0));
            }
        }
    }

    [TestMethod]
    public void LabelsOfOneGroup_LabelWithinAGroup_NamesItAlone()
    {
        LabelTable labels = new(Taxonomy.Derm7pt, [.. Taxonomy.Derm7pt.Tasks.Select((_, task) => (int[])[0, 0, 1, 1, task == 1 ? 2 : 0, 0])]);

        string warning = DataWarnings.LabelsOfOneGroup(labels, new CaseGroups([0, 1, 2, 3, 3, 0])).Single();

        StringAssert.StartsWith(warning, "All cases (1) of label 'atypical' of PigmentNetwork are in one fold");
    }

    /// <summary>Labels with frequencies from a half to some percent, some of them missing.</summary>
    private static LabelTable Labels(int cases, int seed)
    {
        var random = new Random(seed);
        return new LabelTable(
            Taxonomy.Derm7pt,
            [
                .. Taxonomy.Derm7pt.Tasks.Select(task => Enumerable.Range(0, cases)
                    .Select(_ => random.Next(12) == 0 ? LabelTable.Missing : (int)(task.Labels.Count * Math.Pow(random.NextDouble(), 3)))
                    .ToArray()),
            ]);
    }
}
