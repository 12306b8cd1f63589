using Derm7pt.MLNet.Evaluation;
using Microsoft.ML;

namespace Derm7pt.MLNet.Tests.Evaluation;

[TestClass]
public sealed class BootstrapTests
{
    [TestMethod]
    public void Intervals_AnyCases_HoldTheMeasuresAsEstimates()
    {
        MultiTaskEvaluation evaluation = ScoredData.Random(Taxonomy.Derm7pt, 150, seed: 1, missing: 0.1, steps: 4).Evaluate(resamples: 200);
        BootstrapIntervals intervals = evaluation.Intervals!;

        foreach ((TaskIntervals own, TaskMeasures measures) in intervals.Tasks.Zip(evaluation.Tasks.Select(task => task.Model.Measures))
            .Append((intervals.AllTasks, evaluation.AllTasks.Model)).Append((intervals.Criteria, evaluation.Criteria.Model)))
        {
            AssertHolds(own.Accuracy, measures.Accuracy);
            AssertHolds(own.BalancedAccuracy, measures.BalancedAccuracy);
            AssertHolds(own.MacroF1, measures.MacroF1);
            AssertHolds(own.MacroAuroc, measures.MacroAuroc);
        }

        AssertHolds(intervals.MelanomaAuroc!, evaluation.Melanoma!.Ranking.Auroc);
    }

    // Oracle: the normal approximation of a binomial share, ±1.96 · √(p(1−p)/n); with 1,500 samples the quantiles themselves
    // are uncertain by a few percent of that.
    [TestMethod]
    [DataRow(100)]
    [DataRow(400)]
    public void Accuracy_AnyCount_HasTheBinomialInterval(int count)
    {
        MultiTaskEvaluation evaluation = ScoredData.Random(Taxonomy.Derm7pt, count, seed: 2).Evaluate(resamples: 1500);
        foreach (TaskIntervals task in evaluation.Intervals!.Tasks)
        {
            double p = task.Accuracy.Estimate;
            double width = 2 * 1.96 * Math.Sqrt(p * (1 - p) / count);
            Assert.AreEqual(width, task.Accuracy.Upper - task.Accuracy.Lower, 0.15 * width);
        }
    }

    [TestMethod]
    public void Intervals_MoreCases_AreNarrower()
    {
        BootstrapIntervals few = ScoredData.Random(Taxonomy.Derm7pt, 100, seed: 3).Evaluate(resamples: 300).Intervals!;
        BootstrapIntervals many = ScoredData.Random(Taxonomy.Derm7pt, 1600, seed: 3).Evaluate(resamples: 300).Intervals!;

        // Sixteen times the cases, so about a quarter of the width.
        Assert.AreEqual(0.25, Width(many.AllTasks.MacroF1) / Width(few.AllTasks.MacroF1), 0.1);
        Assert.AreEqual(0.25, Width(many.AllTasks.MacroAuroc) / Width(few.AllTasks.MacroAuroc), 0.1);
        Assert.IsLessThan(Width(few.MelanomaAuroc!), Width(many.MelanomaAuroc!));
    }

    [TestMethod]
    public void Intervals_SameSeed_AreTheSame()
    {
        ScoredData data = ScoredData.Random(Taxonomy.Derm7pt, 100, seed: 4);
        string Json(int seed, double level) => new MLContext().MulticlassClassification.EvaluateDerm7pt(
            data.View(), new MultiTaskEvaluation.Options { Seed = seed, BootstrapResamples = 100, ConfidenceLevel = level }).ToJson();

        Assert.AreEqual(Json(1, 0.95), Json(1, 0.95));
        Assert.AreNotEqual(Json(1, 0.95), Json(2, 0.95));
        Assert.AreNotEqual(Json(1, 0.95), Json(1, 0.9));
    }

    [TestMethod]
    public void Intervals_DefaultOptions_AreComputed()
    {
        MultiTaskEvaluation evaluation = new MLContext().MulticlassClassification.EvaluateDerm7pt(
            ScoredData.Random(Taxonomy.Derm7pt, 30, seed: 5).View());

        Assert.AreEqual((1000, 0.95), (evaluation.Intervals!.Resamples, evaluation.Intervals.Level));
        Assert.AreEqual("0.574 [0.512, -]", new ConfidenceInterval(0.5739, 0.5121, double.NaN).ToString());
    }

    // The definition: position p·(n − 1) between order statistics, so 0.75 between 1 and 2 for the lower quartile of 1 to 4.
    [TestMethod]
    public void Quantile_FourValues_Interpolates()
    {
        double[] sorted = DefinedValues.Sort([3, double.NaN, 1, 4, 2]);

        Assert.AreEqual(1.75, DefinedValues.Quantile(sorted, 0.25), 1e-12);
        Assert.AreEqual(2.5, DefinedValues.Quantile(sorted, 0.5), 1e-12);
        Assert.AreEqual(4, DefinedValues.Quantile(sorted, 1), 1e-12);
        Assert.IsTrue(double.IsNaN(DefinedValues.Quantile([], 0.5)));
    }

    private static void AssertHolds(ConfidenceInterval interval, double estimate)
    {
        Assert.AreEqual(estimate, interval.Estimate, 1e-12);
        Assert.IsLessThanOrEqualTo(estimate, interval.Lower);
        Assert.IsGreaterThanOrEqualTo(estimate, interval.Upper);
    }

    private static double Width(ConfidenceInterval interval) => interval.Upper - interval.Lower;
}
