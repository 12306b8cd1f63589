using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet.Tests.Evaluation;

[TestClass]
public sealed class SevenPointRuleTests
{
    // Task order: diagnosis, pigment network, veil, vessels, pigmentation, streaks, dots, regression. Atypical network 2,
    // irregular streaks 1.
    private static readonly int[] AtypicalWithStreaks = [1, 2, 0, 0, 0, 2, 0, 0];

    [TestMethod]
    [DataRow(1, true)]
    [DataRow(3, true)]
    [DataRow(4, false)]
    public void Assess_ScoreThree_IsMelanomaFromThresholdThree(int threshold, bool melanoma)
    {
        SevenPointAssessment assessment = new SevenPointRule(threshold).Assess(AtypicalWithStreaks);

        Assert.AreEqual(3, assessment.Score);
        Assert.AreEqual(melanoma, assessment.IsMelanoma);
        Assert.AreEqual(10, assessment.Rule.MaximumScore);
    }

    [TestMethod]
    public void With_ChangedCriterion_ChangesScoreAndOutcomeOfTheCopyOnly()
    {
        SevenPointAssessment before = new SevenPointRule(3).Assess(AtypicalWithStreaks);

        SevenPointAssessment after = before.With("streaks", "Absent");

        Assert.AreEqual((2, false), (after.Score, after.IsMelanoma));
        Assert.AreEqual((3, true), (before.Score, before.IsMelanoma));
        CollectionAssert.AreEqual(new[] { 1, 2, 0, 0, 0, 0, 0, 0 }, after.Labels.ToArray());
        Assert.AreEqual(before.Score, after.With("Streaks", "irregular").Score);
    }

    [TestMethod]
    public void With_UnknownName_ListsThoseThereAre()
    {
        SevenPointAssessment assessment = new SevenPointRule(3).Assess(AtypicalWithStreaks);

        string criterion = Assert.ThrowsExactly<ArgumentException>(() => assessment.With("Diagnosis", "melanoma")).Message;
        string label = Assert.ThrowsExactly<ArgumentException>(() => assessment.With("Streaks", "typical")).Message;
        StringAssert.Contains(criterion, "PigmentNetwork, BlueWhitishVeil");
        StringAssert.Contains(label, "absent, regular, irregular");
    }

    // By hand: from score 3 with threshold 3 the outcome changes if a score is lost: atypical network to absent or typical,
    // irregular streaks to absent or regular.
    [TestMethod]
    public void SingleChanges_ScoreAtThreshold_TellsWhatTheOutcomeHangsOn()
    {
        IReadOnlyList<SevenPointChange> changes = new SevenPointRule(3).Assess(AtypicalWithStreaks).SingleChanges();

        // One less than the labels of each criterion: 2 + 1 + 2 + 2 + 2 + 2 + 1.
        Assert.HasCount(12, changes);
        CollectionAssert.AreEqual(
            new[] { "PigmentNetwork absent -2", "PigmentNetwork typical -2", "Streaks absent -1", "Streaks regular -1" },
            changes.Where(c => c.ChangesOutcome).Select(c => $"{c.Criterion.Name} {c.To.Name} {c.After.Score - 3}").ToArray());
        Assert.AreEqual(2, changes.Single(c => c is { Criterion.Name: "BlueWhitishVeil", To.Name: "present" }).After.Score - 3);
    }

    [TestMethod]
    public void Assess_BadLabels_Throws()
    {
        var rule = new SevenPointRule(1);
        Assert.ThrowsExactly<ArgumentException>(() => rule.Assess(0, 1));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => rule.Assess(0, 3, 0, 0, 0, 0, 0, 0)).Message,
            "'PigmentNetwork' has labels 0 to 2, got 3");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SevenPointRule(-1));
    }
}
