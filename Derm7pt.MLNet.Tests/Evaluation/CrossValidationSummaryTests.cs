using System.Text.Json.Nodes;
using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet.Tests.Evaluation;

[TestClass]
public sealed class CrossValidationSummaryTests
{
    [TestMethod]
    public void MeasureSummary_Runs_HasTheValuesWorkedOutByHand()
    {
        // Mean 4, squared deviations 4 + 0 + 4, divided by 2.
        var summary = new MeasureSummary("task", "Streaks", "accuracy", [2, 4, double.NaN, 6], [3, 7]);

        Assert.AreEqual(4, summary.Mean);
        Assert.AreEqual(2, summary.StandardDeviation, 1e-12);
        Assert.AreEqual((2, 6), (summary.Minimum, summary.Maximum));
        Assert.AreEqual(5, summary.Pooled);
    }

    [TestMethod]
    public void MeasureSummary_OneRunOrNone_HasNoDeviation()
    {
        var one = new MeasureSummary("task", "Streaks", "accuracy", [0.5, double.NaN], [0.5]);
        var none = new MeasureSummary("task", "Streaks", "accuracy", [double.NaN], [double.NaN]);

        Assert.AreEqual((0.5, double.NaN), (one.Mean, one.StandardDeviation));
        Assert.AreEqual((double.NaN, double.NaN, double.NaN, double.NaN), (none.Mean, none.Minimum, none.Maximum, none.Pooled));
    }

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(0.3)]
    public void OutOfFold_Parts_EqualAnEvaluationOfTheWhole(double missing)
    {
        ScoredData whole = ScoredData.Random(Taxonomy.Derm7pt, 90, seed: 4, missing);
        MultiTaskEvaluation[] parts =
            [.. new[] { (0, 40), (40, 5), (45, 45) }.Select(part => whole.Subset([.. Enumerable.Range(part.Item1, part.Item2)]).Evaluate())];

        MultiTaskEvaluation pooled = new CrossValidationSummary([parts]).OutOfFold.Single();

        Assert.AreEqual(whole.Evaluate().ToJson(curves: true), pooled.ToJson(curves: true));
    }

    [TestMethod]
    public void ToString_TasksWithoutADiagnosis_HasOneMean()
    {
        var json = JsonNode.Parse(Taxonomy.Derm7pt.ToJson())!;
        JsonArray tasks = json["tasks"]!.AsArray();
        tasks.RemoveAt(Taxonomy.Derm7pt.DiagnosisIndex);
        MultiTaskEvaluation criteria = ScoredData.Random(Taxonomy.FromJson(json.ToJsonString()), 30, seed: 2).Evaluate();
        MultiTaskEvaluation all = ScoredData.Random(Taxonomy.Derm7pt, 30, seed: 2).Evaluate();

        Assert.DoesNotContain("mean of the criteria", new CrossValidationSummary([[criteria, criteria]]).ToString());
        StringAssert.Contains(new CrossValidationSummary([[all, all]]).ToString(), "mean of the criteria");
    }
}
