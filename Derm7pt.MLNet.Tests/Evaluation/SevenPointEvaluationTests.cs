using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet.Tests.Evaluation;

[TestClass]
public sealed class SevenPointEvaluationTests
{
    // By hand, cases (diagnosis, predicted diagnosis, predicted score, stored score):
    // (MEL, MEL, 3, 4), (MEL, NEV, 2, 1), (NEV, MEL, 0, 0), (NEV, NEV, 4, none), (none, NEV, 2, 1).
    // The first four count; the fourth has no stored score.
    [TestMethod]
    public void At_FiveCases_IsTheHandComputedComparison()
    {
        ScoredData data = FiveCases();
        CollectionAssert.AreEqual(new[] { 3f, 2f, 0f, 4f, 2f }, data.SevenPointScores);
        SevenPointEvaluation sevenPoint = data.Evaluate().SevenPoint!;

        Assert.AreEqual("TP 1, FP 1, TN 1, FN 1", sevenPoint.DirectDiagnosis.ToString());
        Assert.AreEqual("TP 0, FP 0, TN 2, FN 2", sevenPoint.Baseline.ToString());

        SevenPointComparison one = sevenPoint.At(1), three = sevenPoint.At(3);
        Assert.AreEqual("TP 2, FP 1, TN 1, FN 0", one.Rule.ToString());
        Assert.AreEqual("TP 2, FP 0, TN 1, FN 0", one.StoredRule!.ToString());
        Assert.AreEqual("TP 2, FP 0, TN 1, FN 0", one.RuleAgainstStored!.ToString());
        Assert.AreEqual("TP 1, FP 1, TN 0, FN 1", one.DirectAgainstStored!.ToString());
        Assert.AreEqual("TP 1, FP 1, TN 1, FN 1", three.Rule.ToString());
        Assert.AreEqual("TP 1, FP 0, TN 1, FN 1", three.StoredRule!.ToString());
        Assert.AreEqual("TP 1, FP 0, TN 2, FN 0", three.RuleAgainstStored!.ToString());
        Assert.AreEqual("TP 1, FP 1, TN 1, FN 0", three.DirectAgainstStored!.ToString());
    }

    [TestMethod]
    public void Curve_AnyCases_FallsFromAllToFew()
    {
        ScoredData data = ScoredData.Random(Taxonomy.Derm7pt, 200, seed: 1);
        SevenPointEvaluation sevenPoint = data.Evaluate().SevenPoint!;

        Assert.HasCount(11, sevenPoint.Curve);
        Assert.AreEqual((1.0, 0.0), (sevenPoint.Curve[0].Rule.Sensitivity, sevenPoint.Curve[0].Rule.Specificity));
        Assert.IsTrue(double.IsNaN(sevenPoint.Curve[0].Rule.NegativePredictiveValue));
        foreach ((SevenPointComparison low, SevenPointComparison high) in sevenPoint.Curve.Zip(sevenPoint.Curve.Skip(1)))
        {
            Assert.IsLessThanOrEqualTo(low.Rule.Sensitivity, high.Rule.Sensitivity);
            Assert.IsGreaterThanOrEqualTo(low.Rule.Specificity, high.Rule.Specificity);
        }

        // Both ways give the same counts.
        Assert.IsTrue(sevenPoint.Curve.All(point => point.Rule.ToString() == sevenPoint.Ranking.At(point.Threshold).ToString()));
    }

    [TestMethod]
    public void At_NoStoredScores_HasNoSecondReference()
    {
        ScoredData data = ScoredData.Random(Taxonomy.BinaryDiagnosis, 30, seed: 2);
        var without = new ScoredData(data.Taxonomy, data.Truth, data.Probabilities);

        SevenPointComparison comparison = without.Evaluate().SevenPoint!.At(3);

        Assert.IsNull(comparison.StoredRule);
        Assert.IsNull(comparison.RuleAgainstStored);
        Assert.IsNull(comparison.DirectAgainstStored);
        Assert.AreEqual(data.Evaluate().SevenPoint!.At(3).Rule.ToString(), comparison.Rule.ToString());
    }

    // Oracle: all thresholds that occur, tried one by one on the validation cases.
    [TestMethod]
    [DataRow(0.8)]
    [DataRow(1.0)]
    public void Choose_TwoSplits_TakesTheThresholdsFromValidationAlone(double sensitivity)
    {
        ScoredData validation = ScoredData.Random(Taxonomy.Derm7pt, 150, seed: 3);
        ScoredData test = ScoredData.Random(Taxonomy.Derm7pt, 150, seed: 4);

        (MultiTaskEvaluation onValidation, MultiTaskEvaluation onTest) = (validation.Evaluate(), test.Evaluate());
        var byScore = OperatingPoint.Choose(onValidation.SevenPoint!.Ranking, onTest.SevenPoint!.Ranking, sensitivity);
        var byProbability = OperatingPoint.Choose(onValidation.Melanoma!.Ranking, onTest.Melanoma!.Ranking, sensitivity);

        float Highest(float[] scores) => scores.Where(t => Sensitivity(validation, scores, t) >= sensitivity).Max();
        (float probability, float score) = (Highest(validation.MelanomaProbabilities), Highest(validation.SevenPointScores));
        Assert.AreEqual(probability, byProbability.Threshold);
        Assert.AreEqual(score, byScore.Threshold);
        Assert.IsGreaterThanOrEqualTo(sensitivity, byScore.Validation.Sensitivity);
        Assert.AreEqual(Sensitivity(test, test.MelanomaProbabilities, probability), byProbability.Test.Sensitivity, 1e-12);
        Assert.AreEqual(test.Evaluate().SevenPoint!.At((int)score).Rule.ToString(), byScore.Test.ToString());
    }

    private static double Sensitivity(ScoredData data, float[] scores, float threshold) =>
        scores.Where((_, i) => data.IsMelanoma[i]).Average(score => score >= threshold ? 1.0 : 0);

    private static ScoredData FiveCases()
    {
        Taxonomy taxonomy = Taxonomy.Derm7pt;
        int[] diagnoses = [2, 2, 1, 1, -1];
        int[][] predicted =
        [
            [2, 2, 0, 0, 0, 2, 0, 0],
            [1, 2, 0, 0, 0, 0, 0, 0],
            [2, 0, 0, 0, 0, 0, 0, 0],
            [1, 2, 1, 0, 0, 0, 0, 0],
            [1, 0, 1, 0, 0, 0, 0, 0],
        ];
        int[][] truth = [.. taxonomy.Tasks.Select((_, task) => task == taxonomy.DiagnosisIndex ? diagnoses : new int[5])];
        float[][][] probabilities =
        [
            .. taxonomy.Tasks.Select((task, t) => predicted
                .Select(labels => Enumerable.Range(0, task.Labels.Count).Select(label => label == labels[t] ? 1f : 0f).ToArray()).ToArray()),
        ];
        return new ScoredData(taxonomy, truth, probabilities) { StoredScores = [4, 1, 0, float.NaN, 1] };
    }
}
