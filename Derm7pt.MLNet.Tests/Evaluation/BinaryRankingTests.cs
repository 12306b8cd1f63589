using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Evaluation;

[TestClass]
public sealed class BinaryRankingTests
{
    // By hand: positives 0.9 0.5 0.5, negatives 0.5 0.1. Pairs: 0.9 beats both (2); each 0.5 ties one and beats one (1.5 + 1.5).
    [TestMethod]
    public void Auroc_Ties_CountHalf() =>
        Assert.AreEqual(5 / 6.0, new BinaryRanking([0.9, 0.5, 0.5, 0.5, 0.1], [true, true, true, false, false]).Auroc, 1e-15);

    // The example in scikit-learn's documentation of roc_auc_score (0.75), average_precision_score (0.83) and roc_curve
    // (fpr 0 0 .5 .5 1, tpr 0 .5 .5 1 1, thresholds inf .8 .4 .35 .1).
    [TestMethod]
    public void Measures_ScikitLearnExample_AreItsValues()
    {
        var ranking = new BinaryRanking([0.1, 0.4, 0.35, 0.8], [false, false, true, true]);

        Assert.AreEqual(0.75, ranking.Auroc);
        Assert.AreEqual(0.5 * 1 + 0.5 * (2 / 3.0), ranking.AveragePrecision, 1e-15);
        CollectionAssert.AreEqual(
            new[] { (double.PositiveInfinity, 0, 0), (0.8, 0, 0.5), (0.4, 0.5, 0.5), (0.35, 0.5, 1), (0.1, 1, 1.0) },
            ranking.Curve.Select(point => (point.Threshold, point.Counts.FalsePositiveRate, point.Counts.Sensitivity)).ToArray());
        CollectionAssert.AreEqual(
            new[] { (0.8, 0.5, 1), (0.4, 0.5, 0.5), (0.35, 1, 2 / 3.0), (0.1, 1, 0.5) },
            ranking.Curve.Skip(1).Select(point => (point.Threshold, point.Counts.Sensitivity, point.Counts.PositivePredictiveValue)).ToArray());
    }

    // Oracle: the definitions, over all pairs and over all thresholds, O(n²).
    [TestMethod]
    [DataRow(1, 200, 7)]
    [DataRow(2, 301, 1000000)]
    [DataRow(3, 50, 1)]
    public void Measures_RandomScores_AreTheDefinitions(int seed, int count, int levels)
    {
        (double[] scores, bool[] positives) = Random(seed, count, levels);
        var ranking = new BinaryRanking(scores, positives);

        int[] p = [.. Enumerable.Range(0, count).Where(i => positives[i])];
        int[] n = [.. Enumerable.Range(0, count).Where(i => !positives[i])];
        double pairs = p.Sum(i => n.Sum(j => scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0));
        Assert.AreEqual(pairs / p.Length / n.Length, ranking.Auroc, 1e-12);

        (double averagePrecision, double recallBefore) = (0, 0);
        foreach (double threshold in scores.Distinct().OrderDescending())
        {
            int[] called = [.. Enumerable.Range(0, count).Where(i => scores[i] >= threshold)];
            int found = called.Count(i => positives[i]);
            double recall = (double)found / p.Length;
            averagePrecision += (recall - recallBefore) * found / called.Length;
            recallBefore = recall;
            Assert.AreEqual(
                new BinaryCounts(found, called.Length - found, n.Length - called.Length + found, p.Length - found).ToString(),
                ranking.At(threshold).ToString());
        }

        Assert.AreEqual(averagePrecision, ranking.AveragePrecision, 1e-12);
        Assert.AreEqual(
            ranking.Curve.Select(point => point.Counts).Zip(ranking.Curve.Skip(1).Select(point => point.Counts), (a, b) =>
                (b.FalsePositiveRate - a.FalsePositiveRate) * (a.Sensitivity + b.Sensitivity) / 2).Sum(),
            ranking.Auroc,
            1e-12);
    }

    // Oracle: ML.NET's own binary evaluator, which classifies a case as positive if its score is above 0, regardless of the column of
    // predicted labels; no score here is exactly 0.
    [TestMethod]
    [DataRow(9)]
    [DataRow(1000000)]
    public void Measures_RandomScores_AreMLNets(int levels)
    {
        (double[] scores, bool[] positives) = Random(seed: 5, 400, levels);
        float[] margins = Array.ConvertAll(scores, score => (float)(score - 0.5));
        IDataView view = new ColumnarDataView.Builder(400)
            .AddSingle("Score", margins)
            .Add("Label", BooleanDataViewType.Instance, positives)
            .Add("PredictedLabel", BooleanDataViewType.Instance, Array.ConvertAll(margins, margin => margin >= 0))
            .Build();

        BinaryClassificationMetrics metrics = new MLContext().BinaryClassification.EvaluateNonCalibrated(view);

        var ranking = new BinaryRanking(Array.ConvertAll(margins, margin => (double)margin), positives);
        BinaryCounts counts = ranking.At(0);
        Assert.AreEqual(metrics.AreaUnderRocCurve, ranking.Auroc, 1e-9);
        Assert.AreEqual(metrics.PositiveRecall, counts.Sensitivity, 1e-9);
        Assert.AreEqual(metrics.NegativeRecall, counts.Specificity, 1e-9);
        Assert.AreEqual(metrics.PositivePrecision, counts.PositivePredictiveValue, 1e-9);
        Assert.AreEqual(metrics.NegativePrecision, counts.NegativePredictiveValue, 1e-9);
        Assert.AreEqual(metrics.F1Score, counts.F1, 1e-9);
        Assert.AreEqual(metrics.Accuracy, counts.Accuracy, 1e-9);
    }

    [TestMethod]
    public void Auroc_MonotoneMap_IsTheSame()
    {
        (double[] scores, bool[] positives) = Random(seed: 6, 300, levels: 40);
        var ranking = new BinaryRanking(scores, positives);
        var mapped = new BinaryRanking(Array.ConvertAll(scores, score => Math.Exp(3 * score) - 7), positives);

        Assert.AreEqual(ranking.Auroc, mapped.Auroc);
        Assert.AreEqual(ranking.AveragePrecision, mapped.AveragePrecision);
        Assert.AreEqual(1 - ranking.Auroc, new BinaryRanking(Array.ConvertAll(scores, score => -score), positives).Auroc, 1e-12);
    }

    [TestMethod]
    public void Auroc_WeightedCases_IsThatOfRepeatedCases()
    {
        (double[] scores, bool[] positives) = Random(seed: 7, 60, levels: 12);
        int[] weights = [.. Enumerable.Range(0, 60).Select(i => i % 4)];
        int[] repeated = [.. Enumerable.Range(0, 60).SelectMany(i => Enumerable.Repeat(i, weights[i]))];

        Assert.AreEqual(
            new BinaryRanking([.. repeated.Select(i => scores[i])], [.. repeated.Select(i => positives[i])]).Auroc,
            new RankOrder(scores, positives).Auroc(weights),
            1e-15);
    }

    [TestMethod]
    [DataRow(0.01)]
    [DataRow(0.5)]
    [DataRow(0.9)]
    [DataRow(1.0)]
    public void ThresholdForSensitivity_AnyTarget_IsTheHighestThatReachesIt(double target)
    {
        (double[] scores, bool[] positives) = Random(seed: 8, 150, levels: 60);
        var ranking = new BinaryRanking(scores, positives);

        double threshold = ranking.ThresholdForSensitivity(target);

        Assert.IsGreaterThanOrEqualTo(target, ranking.At(threshold).Sensitivity);
        Assert.IsTrue(scores.Where(score => score > threshold).All(score => ranking.At(score).Sensitivity < target));
    }

    [TestMethod]
    public void Measures_OneKindOnly_AreNaN()
    {
        var positive = new BinaryRanking([0.1, 0.2], [true, true]);
        Assert.IsTrue(double.IsNaN(positive.Auroc));
        Assert.AreEqual(1, positive.AveragePrecision, 1e-15);

        var negative = new BinaryRanking([0.1, 0.2], [false, false]);
        Assert.IsTrue(double.IsNaN(negative.Auroc));
        Assert.IsTrue(double.IsNaN(negative.AveragePrecision));
        Assert.ThrowsExactly<InvalidOperationException>(() => negative.ThresholdForSensitivity(0.5));
    }

    [TestMethod]
    public void Constructor_BadScores_Throws()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new BinaryRanking([0.1, double.NaN], [true, false]));
        Assert.ThrowsExactly<ArgumentException>(() => new BinaryRanking([0.1], [true, false]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new BinaryRanking([0.1], [true]).ThresholdForSensitivity(0));
    }

    private static (double[] Scores, bool[] Positives) Random(int seed, int count, int levels)
    {
        var random = new Random(seed);
        bool[] positives = [.. Enumerable.Range(0, count).Select(i => i == 0 || (i > 1 && random.NextDouble() < 0.3))];
        return ([.. positives.Select(p => Math.Round((random.NextDouble() + (p ? 0.3 : 0)) / 1.3 * levels) / levels)], positives);
    }
}
