using Derm7pt.MLNet.Synthetic;

namespace Derm7pt.MLNet.Tests.Synthetic;

[TestClass]
public sealed class CaseSamplerTests
{
    private static readonly SyntheticReleaseOptions Defaults = new();

    [TestMethod]
    public void Draw_SizeOfTheRealRelease_HasItsCounts()
    {
        SyntheticCase[] cases = CaseSampler.Draw(new SyntheticReleaseOptions { Cases = 1011 });

        Assert.AreEqual("413 203 395", string.Join(' ', Enumerable.Range(0, 3).Select(split => cases.Count(c => c.Split == split))));
        Assert.AreEqual(
            "19 256 90 32 16|160 160 93|339 74|347 43 23|253 44 116|273 39 101|84 156 173|317 96", Counts(cases, split: 0));
        Assert.AreEqual(
            "16 219 101 40 19|156 146 93|320 75|313 52 30|223 48 124|257 44 94|100 118 177|289 106", Counts(cases, split: 2));
    }

    [TestMethod]
    public void Draw_DefaultSize_TrainHoldsEnoughOfEveryLabel()
    {
        SyntheticCase[] train = [.. CaseSampler.Draw(Defaults).Where(c => c.Split == 0)];

        for (int task = 0; task < Taxonomy.Derm7pt.Tasks.Count; task++)
        {
            for (int label = 0; label < Taxonomy.Derm7pt.Tasks[task].Labels.Count; label++)
                Assert.IsGreaterThanOrEqualTo(6, train.Count(c => c.Labels[task] == label));
        }
    }

    [TestMethod]
    [DataRow(30)]
    [DataRow(31)]
    [DataRow(45)]
    public void Draw_FewCases_EverySplitHoldsEveryLabel(int count)
    {
        SyntheticCase[] cases = CaseSampler.Draw(new SyntheticReleaseOptions { Cases = count });

        Assert.HasCount(count, cases);
        for (int split = 0; split < 3; split++)
            Assert.IsFalse(Counts(cases, split).Split(' ', '|').Contains("0"));
    }

    [TestMethod]
    public void Draw_Melanoma_ScoresHigherThanTheRest()
    {
        Taxonomy taxonomy = Taxonomy.Derm7pt;
        ILookup<bool, int> scores = CaseSampler.Draw(Defaults).ToLookup(
            c => taxonomy.Diagnosis!.Labels[c.Labels[taxonomy.DiagnosisIndex]].IsMelanoma,
            c => taxonomy.SevenPointScore([.. c.Labels]));

        // The rule at threshold 3 must detect most melanomas and few other lesions, without being perfect.
        double sensitivity = scores[true].Average(score => score >= 3 ? 1.0 : 0.0);
        double specificity = scores[false].Average(score => score < 3 ? 1.0 : 0.0);
        Assert.IsTrue(sensitivity is > 0.7 and < 1, $"sensitivity {sensitivity}");
        Assert.IsTrue(specificity is > 0.6 and < 1, $"specificity {specificity}");
    }

    [TestMethod]
    public void Draw_LabelNoise_ChangesPicturesButNoTable()
    {
        SyntheticCase[] clean = CaseSampler.Draw(new SyntheticReleaseOptions { LabelNoise = 0 });
        SyntheticCase[] noisy = CaseSampler.Draw(new SyntheticReleaseOptions { LabelNoise = 0.2 });

        Assert.IsTrue(clean.All(c => c.Labels.SequenceEqual(c.DrawnLabels)));
        Assert.IsTrue(clean.Zip(noisy).All(pair => pair.First.Labels.SequenceEqual(pair.Second.Labels)));
        int changed = noisy.Sum(c => c.Labels.Zip(c.DrawnLabels).Count(pair => pair.First != pair.Second));
        double share = changed / (7.0 * noisy.Length);
        Assert.IsTrue(share is > 0.15 and < 0.25, $"{share}");
        Assert.IsTrue(noisy.All(c => c.Labels[0] == c.DrawnLabels[0]));
    }

    private static string Counts(SyntheticCase[] cases, int split) =>
        string.Join('|', Taxonomy.Derm7pt.Tasks.Select((task, index) => string.Join(
            ' ', Enumerable.Range(0, task.Labels.Count).Select(label => cases.Count(c => c.Split == split && c.Labels[index] == label)))));
}
