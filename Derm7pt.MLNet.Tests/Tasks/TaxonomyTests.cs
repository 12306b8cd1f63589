namespace Derm7pt.MLNet.Tests.Tasks;

[TestClass]
public sealed class TaxonomyTests
{
    [TestMethod]
    public void Derm7pt_BuiltIn_HasTheTasksOfThePaper()
    {
        Taxonomy taxonomy = Taxonomy.Derm7pt;

        Assert.AreEqual(
            "Diagnosis:5 PigmentNetwork:3 BlueWhitishVeil:2 VascularStructures:3 Pigmentation:3 Streaks:3 DotsAndGlobules:3 RegressionStructures:2",
            string.Join(' ', taxonomy.Tasks.Select(task => $"{task.Name}:{task.Labels.Count}")));
        Assert.AreEqual(24, taxonomy.LabelCount);
        Assert.AreEqual(
            "0 0 2|0 2|0 0 2|0 0 1|0 0 1|0 0 1|0 1",
            string.Join('|', taxonomy.Criteria.Select(task => string.Join(' ', task.Labels.Select(label => label.Score)))));
        Assert.AreEqual("melanoma", taxonomy.Diagnosis!.Labels.Single(label => label.IsMelanoma).Name);
    }

    [TestMethod]
    public void BinaryDiagnosis_BuiltIn_MergesTheFourOtherDiagnoses()
    {
        Taxonomy taxonomy = Taxonomy.BinaryDiagnosis;

        Assert.AreEqual(21, taxonomy.LabelCount);
        CollectionAssert.AreEqual(
            new[] { "not melanoma", "melanoma" }, taxonomy.Diagnosis!.Labels.Select(label => label.Name).ToArray());
        CollectionAssert.AreEquivalent(
            Taxonomy.Derm7pt.Diagnosis!.Labels.SelectMany(label => label.RawValues).ToArray(),
            taxonomy.Diagnosis.Labels.SelectMany(label => label.RawValues).ToArray());
    }

    [TestMethod]
    [DataRow("Diagnosis", "reed or spitz nevus", 1)]
    [DataRow("Diagnosis", "melanoma (0.76 to 1.5 mm)", 2)]
    [DataRow("Diagnosis", " Vascular Lesion ", 3)]
    [DataRow("VascularStructures", "within regression", 1)]
    [DataRow("VascularStructures", "linear irregular", 2)]
    [DataRow("Pigmentation", "localized irregular", 2)]
    [DataRow("RegressionStructures", "combinations", 1)]
    public void TryGetLabel_RawValue_GivesItsGroup(string taskName, string rawValue, int expected)
    {
        ClassificationTask task = Taxonomy.Derm7pt.Tasks.Single(t => t.Name == taskName);

        Assert.IsTrue(task.TryGetLabel(rawValue, out int label));
        Assert.AreEqual(expected, label);
    }

    [TestMethod]
    public void TryGetLabel_UnknownValue_IsFalse() =>
        Assert.IsFalse(Taxonomy.Derm7pt.Tasks[1].TryGetLabel("reticular", out _));

    // By hand, from the table of the checklist: atypical network 2, veil 2, irregular vessels 2, and 1 each for
    // irregular pigmentation, streaks, dots and globules, and regression.
    [TestMethod]
    [DataRow(new[] { 1, 0, 0, 0, 0, 0, 0, 0 }, 0)]
    [DataRow(new[] { 1, 1, 0, 1, 1, 1, 1, 0 }, 0)]
    [DataRow(new[] { 2, 2, 0, 0, 0, 0, 2, 0 }, 3)]
    [DataRow(new[] { 2, 2, 1, 2, 2, 2, 2, 1 }, 10)]
    public void SevenPointScore_Labels_IsTheSumOfTheirScores(int[] labels, int expected) =>
        Assert.AreEqual(expected, Taxonomy.Derm7pt.SevenPointScore(labels));

    [TestMethod]
    public void ToJson_ReadBack_IsTheSameTaxonomy()
    {
        foreach (Taxonomy taxonomy in new[] { Taxonomy.Derm7pt, Taxonomy.BinaryDiagnosis })
        {
            string json = taxonomy.ToJson();
            Assert.AreEqual(json, Taxonomy.FromJson(json).ToJson());
            CollectionAssert.AreEqual(
                taxonomy.Tasks.SelectMany(t => t.Labels.Select(l => (t.Name, l.Name, l.Score, l.IsMelanoma))).ToArray(),
                Taxonomy.FromJson(json).Tasks.SelectMany(t => t.Labels.Select(l => (t.Name, l.Name, l.Score, l.IsMelanoma))).ToArray());
        }
    }
}
