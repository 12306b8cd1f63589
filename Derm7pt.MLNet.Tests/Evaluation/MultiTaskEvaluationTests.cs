using System.Globalization;
using System.Text.Json.Nodes;
using Derm7pt.MLNet.Evaluation;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Evaluation;

[TestClass]
public sealed class MultiTaskEvaluationTests
{
    // Oracle: ML.NET's own multiclass evaluator, on the same columns. Its log-loss reduction is relative to the entropy of the
    // labels, the log-loss of the baseline.
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void EvaluateDerm7pt_RandomCases_EqualsMLNetsEvaluator(bool binary)
    {
        ScoredData data = ScoredData.Random(binary ? Taxonomy.BinaryDiagnosis : Taxonomy.Derm7pt, 300, seed: 1);
        IDataView view = data.View();
        MultiTaskEvaluation evaluation = data.Evaluate();

        foreach (TaskEvaluation task in evaluation.Tasks)
        {
            string name = task.Task.Name;
            MulticlassClassificationMetrics expected =
                new MLContext().MulticlassClassification.Evaluate(view, name, name + "Score", name + "PredictedLabel");
            TaskMeasures actual = task.Model.Measures;
            Assert.AreEqual(expected.MicroAccuracy, actual.Accuracy, 1e-9, name);
            Assert.AreEqual(expected.MacroAccuracy, actual.BalancedAccuracy, 1e-9, name);
            Assert.AreEqual(expected.LogLoss, actual.LogLoss, 1e-6, name);
            Assert.AreEqual(expected.LogLossReduction, 1 - (actual.LogLoss / task.Baseline.Measures.LogLoss), 1e-6, name);
            for (int label = 0; label < task.Task.Labels.Count; label++)
            {
                Assert.AreEqual(expected.ConfusionMatrix.PerClassRecall[label], task.Model.Confusion.Recall(label), 1e-9, name);
                Assert.AreEqual(expected.ConfusionMatrix.PerClassPrecision[label], task.Model.Confusion.Precision(label), 1e-9, name);
                Assert.AreEqual(expected.PerClassLogLoss.Count, task.Model.Labels.Count);
                for (int predicted = 0; predicted < task.Task.Labels.Count; predicted++)
                    Assert.AreEqual(expected.ConfusionMatrix.GetCountForClassPair(predicted, label), task.Model.Confusion[label, predicted], name);
            }
        }
    }

    // Oracle: ML.NET's own binary evaluator. It classifies a case as positive if its score is above 0, so the probability is moved by
    // the threshold.
    [TestMethod]
    public void Melanoma_RandomCases_EqualsMLNetsEvaluator()
    {
        ScoredData data = ScoredData.Random(Taxonomy.Derm7pt, 300, seed: 2, lean: 2);
        BinaryClassificationMetrics expected = new MLContext().BinaryClassification.EvaluateNonCalibrated(
            data.View(), "IsMelanoma", "MelanomaMargin", "CalledMelanoma");

        MelanomaEvaluation melanoma = data.Evaluate().Melanoma!;

        Assert.AreEqual(expected.AreaUnderRocCurve, melanoma.Ranking.Auroc, 1e-9);
        Assert.AreEqual(expected.PositiveRecall, melanoma.Counts.Sensitivity, 1e-9);
        Assert.AreEqual(expected.NegativeRecall, melanoma.Counts.Specificity, 1e-9);
        Assert.AreEqual(expected.PositivePrecision, melanoma.Counts.PositivePredictiveValue, 1e-9);
        Assert.AreEqual(expected.F1Score, melanoma.Counts.F1, 1e-9);
        Assert.AreEqual(0.5, melanoma.BaselineRanking.Auroc);
        Assert.AreEqual(data.IsMelanoma.Average(m => m ? 1.0 : 0), melanoma.BaselineRanking.AveragePrecision, 1e-12);
        Assert.AreEqual(0, melanoma.BaselineCounts.CalledPositive);
    }

    // Oracle: each label's AUROC over all pairs, O(n²), and the labels' mean.
    [TestMethod]
    public void MacroAuroc_RandomCasesWithTies_IsTheMeanOverAllPairs()
    {
        ScoredData data = ScoredData.Random(Taxonomy.Derm7pt, 120, seed: 3, steps: 3);
        MultiTaskEvaluation evaluation = data.Evaluate();

        for (int task = 0; task < data.Truth.Length; task++)
        {
            double[] aurocs = [.. Enumerable.Range(0, data.Taxonomy.Tasks[task].Labels.Count).Select(label => Auroc(data, task, label))];
            CollectionAssert.AreEqual(
                Array.ConvertAll(aurocs, a => Math.Round(a, 10)),
                evaluation.Tasks[task].Model.Labels.Select(label => Math.Round(label.Ranking.Auroc, 10)).ToArray());
            Assert.AreEqual(aurocs.Average(), evaluation.Tasks[task].Model.Measures.MacroAuroc, 1e-12);
        }
    }

    [TestMethod]
    public void EvaluateDerm7pt_LabelsMissing_LeavesThemOutOfTheirTask()
    {
        ScoredData data = ScoredData.Random(Taxonomy.Derm7pt, 200, seed: 4, missing: 0.3);
        MultiTaskEvaluation evaluation = data.Evaluate();

        for (int task = 0; task < data.Truth.Length; task++)
        {
            int[] known = [.. Enumerable.Range(0, 200).Where(i => data.Truth[task][i] >= 0)];
            Assert.AreEqual(known.Length, evaluation.Tasks[task].CaseCount);
            Assert.AreEqual(200 - known.Length, evaluation.Tasks[task].MissingCount);
            AssertEqual(data.Subset(known).Evaluate().Tasks[task].Model.Measures, evaluation.Tasks[task].Model.Measures);
        }

        int[] diagnosed = [.. Enumerable.Range(0, 200).Where(i => data.Truth[data.Taxonomy.DiagnosisIndex][i] >= 0)];
        Assert.AreEqual(data.Subset(diagnosed).Evaluate().Melanoma!.Ranking.Auroc, evaluation.Melanoma!.Ranking.Auroc);
        Assert.AreEqual(diagnosed.Length, evaluation.SevenPoint!.DirectDiagnosis.Total);
    }

    // Oracle: the known measures of a constant prediction. Accuracy and confidence are the largest frequency, the log-loss is the
    // entropy, AUROC is ½ and the average precision is the label's frequency.
    [TestMethod]
    public void Baseline_AnyCases_HasTheMeasuresOfAConstantPrediction()
    {
        ScoredData data = ScoredData.Random(Taxonomy.Derm7pt, 250, seed: 5);
        foreach ((TaskEvaluation task, int[] truth) in data.Evaluate().Tasks.Zip(data.Truth))
        {
            double[] shares = [.. Enumerable.Range(0, task.Task.Labels.Count).Select(label => truth.Count(t => t == label) / 250.0)];
            Assert.AreEqual(shares.Max(), task.Baseline.Measures.Accuracy, 1e-12);
            Assert.AreEqual(1.0 / shares.Length, task.Baseline.Measures.BalancedAccuracy, 1e-12);
            Assert.AreEqual(-shares.Sum(share => share * Math.Log(share)), task.Baseline.Measures.LogLoss, 1e-9);
            Assert.AreEqual(0, task.Baseline.Measures.CalibrationError, 1e-12);
            Assert.AreEqual(0.5, task.Baseline.Measures.MacroAuroc);
            Assert.AreEqual(1.0 / shares.Length, task.Baseline.Measures.MacroAveragePrecision, 1e-12);
        }
    }

    [TestMethod]
    public void Averages_AnyCases_AreTheMeansOverTasks()
    {
        MultiTaskEvaluation evaluation = ScoredData.Random(Taxonomy.Derm7pt, 100, seed: 6).Evaluate();

        Assert.AreEqual((8, 7), (evaluation.AllTasks.TaskCount, evaluation.Criteria.TaskCount));
        Assert.AreEqual(evaluation.Tasks.Average(t => t.Model.Measures.MacroF1), evaluation.AllTasks.Model.MacroF1, 1e-12);
        Assert.AreEqual(
            evaluation.Tasks.Where(t => t.Task.Name != "Diagnosis").Average(t => t.Baseline.Measures.LogLoss),
            evaluation.Criteria.Baseline.LogLoss,
            1e-12);
    }

    // By hand: probabilities of the true label 0.5 and 0, which counts as 1e-15.
    [TestMethod]
    public void LogLoss_ProbabilityZero_IsTakenForTheSmallest()
    {
        ScoredData data = Constant(2);
        data.Probabilities[2][0] = [0.5f, 0.5f];
        data.Probabilities[2][1] = [0, 1];

        Assert.AreEqual((Math.Log(2) + (15 * Math.Log(10))) / 2, data.Evaluate().Tasks[2].Model.Measures.LogLoss, 1e-9);
    }

    [TestMethod]
    public void EvaluateDerm7pt_NothingKnown_GivesNaN()
    {
        ScoredData data = Constant(3);
        Array.Fill(data.Truth[0], -1);
        MultiTaskEvaluation evaluation = data.Evaluate(resamples: 10);

        Assert.AreEqual(0, evaluation.Tasks[0].CaseCount);
        Assert.IsTrue(double.IsNaN(evaluation.Tasks[0].Model.Measures.Accuracy));
        Assert.IsTrue(double.IsNaN(evaluation.Tasks[0].Baseline.Measures.LogLoss));
        Assert.IsTrue(double.IsNaN(evaluation.Intervals!.Tasks[0].Accuracy.Lower));
        Assert.AreEqual(1, evaluation.AllTasks.Model.Accuracy);
        Assert.IsNotNull(JsonNode.Parse(evaluation.ToJson(curves: true)));
        StringAssert.Contains(evaluation.ToString(), " 0         -         (-) ");
    }

    [TestMethod]
    public void EvaluateDerm7pt_ColumnsMissing_NamesAll()
    {
        IDataView view = Constant(3).View("StreaksScore", "SevenPointScore", "PigmentationPredictedLabel", "MelanomaProbability");

        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new MLContext().MulticlassClassification.EvaluateDerm7pt(view)).Message;

        StringAssert.Contains(message, "Could not find score column 'StreaksScore'");
        StringAssert.Contains(message, "Could not find seven-point score column 'SevenPointScore'");
        StringAssert.Contains(message, "Could not find predicted label column 'PigmentationPredictedLabel'");
        StringAssert.Contains(message, "Could not find melanoma probability column 'MelanomaProbability'");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => new MLContext().MulticlassClassification.EvaluateDerm7pt(Constant(3).View(), Taxonomy.BinaryDiagnosis)).Message,
            "Schema mismatch for label column 'Diagnosis'");
    }

    [TestMethod]
    public void EvaluateDerm7pt_ScoreIsNoProbability_NamesColumnAndRow()
    {
        ScoredData data = Constant(3);
        data.Probabilities[1][2] = [float.NaN, 0, 0];

        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => data.Evaluate()).Message, "'PigmentNetworkScore' holds NaN in row 2");
    }

    [TestMethod]
    public void EvaluateDerm7pt_BadOptions_NamesAll()
    {
        var options = new MultiTaskEvaluation.Options
        {
            CalibrationBins = 0,
            MelanomaThreshold = 2,
            BootstrapResamples = -1,
            ConfidenceLevel = 1,
        };

        string message = Assert.ThrowsExactly<ArgumentException>(
            () => new MLContext().MulticlassClassification.EvaluateDerm7pt(Constant(1).View(), options)).Message;

        foreach (string name in new[] { "CalibrationBins", "MelanomaThreshold", "BootstrapResamples", "ConfidenceLevel" })
            StringAssert.Contains(message, name);
    }

    [TestMethod]
    public void EvaluateDerm7pt_TaxonomyWithoutDiagnosis_HasNoMelanoma()
    {
        JsonNode json = JsonNode.Parse(Taxonomy.Derm7pt.ToJson())!;
        json["tasks"]!.AsArray().RemoveAt(0);
        var criteria = Taxonomy.FromJson(json.ToJsonString());

        MultiTaskEvaluation evaluation = ScoredData.Random(criteria, 50, seed: 7).Evaluate(resamples: 5);

        Assert.HasCount(7, evaluation.Tasks);
        Assert.IsNull(evaluation.Melanoma);
        Assert.IsNull(evaluation.SevenPoint);
        Assert.IsNull(evaluation.Intervals!.MelanomaAuroc);
        AssertEqual(evaluation.AllTasks.Model, evaluation.Criteria.Model);
        AssertEqual(evaluation.AllTasks.Baseline, evaluation.Criteria.Baseline);
    }

    [TestMethod]
    public void ToJson_AnyEvaluation_HoldsTheFigures()
    {
        MultiTaskEvaluation evaluation = ScoredData.Random(Taxonomy.Derm7pt, 80, seed: 8, missing: 0.1).Evaluate(resamples: 50);
        JsonNode json = JsonNode.Parse(evaluation.ToJson(curves: true))!;

        JsonNode task = json["tasks"]![3]!;
        TaskEvaluation expected = evaluation.Tasks[3];
        Assert.AreEqual(expected.Task.Name, (string?)task["name"]);
        Assert.AreEqual(expected.Model.Measures.MacroF1, (double)task["model"]!["macroF1"]!);
        Assert.AreEqual(expected.Baseline.Measures.LogLoss, (double)task["baseline"]!["logLoss"]!);
        Assert.AreEqual(expected.Model.Confusion[1, 0], (int)task["model"]!["confusion"]![1]![0]!);
        Assert.AreEqual(expected.Model.Labels[2].Ranking.Curve.Count, task["model"]!["labels"]![2]!["roc"]!.AsArray().Count);
        Assert.IsNull(task["model"]!["labels"]![2]!["roc"]![0]!["threshold"]);
        Assert.AreEqual(evaluation.Intervals!.Tasks[3].Accuracy.Upper, (double)task["intervals"]!["accuracy"]!["upper"]!);
        Assert.AreEqual(evaluation.Melanoma!.Ranking.Auroc, (double)json["melanoma"]!["auroc"]!);
        Assert.AreEqual(
            evaluation.SevenPoint!.At(3).Rule.Sensitivity, (double)json["sevenPoint"]!["thresholds"]![3]!["rule"]!["sensitivity"]!);
        Assert.IsNull(JsonNode.Parse(evaluation.ToJson())!["melanoma"]!["roc"]);
    }

    [TestMethod]
    public void WriteCsv_AnyEvaluation_HasALineForEachFigure()
    {
        MultiTaskEvaluation evaluation = ScoredData.Random(Taxonomy.Derm7pt, 80, seed: 9).Evaluate(resamples: 50);
        using var writer = new StringWriter();
        evaluation.WriteCsv(writer);

        string[][] lines = [.. writer.ToString().TrimEnd('\n').Split('\n').Select(line => line.Split(','))];
        CollectionAssert.AreEqual(new[] { "scope", "task", "item", "measure", "value", "baseline", "lower", "upper" }, lines[0]);
        Assert.IsTrue(lines.All(line => line.Length == 8));
        // 9 measures of 2 averages and 8 tasks; 7 of 24 labels; 5² + 5·3² + 2·2² pairs of labels; 2 + 11 of melanoma; 11 of the
        // direct diagnosis; 4 · 11 at each of 11 thresholds.
        Assert.HasCount(1 + (9 * 10) + (7 * 24) + (25 + 45 + 8) + 13 + 11 + (11 * 44), lines);
        string[] f1 = lines.Single(line => line is ["task", "Streaks", "", "macroF1", ..]);
        TaskEvaluation streaks = evaluation["Streaks"];
        Assert.AreEqual(streaks.Model.Measures.MacroF1, double.Parse(f1[4]));
        Assert.AreEqual(streaks.Baseline.Measures.MacroF1, double.Parse(f1[5]));
        Assert.AreEqual(evaluation.Intervals!.Tasks[5].MacroF1.Lower, double.Parse(f1[6]));
        Assert.ThrowsExactly<ArgumentException>(() => evaluation["Elevation"]);
    }

    // By hand, veil: truth 0 0 0 1 as 0 0 1 1, so recalls 2/3 and 1, precisions 1 and 1/2, F1 4/5 and 2/3; always 0 has recalls 1 and
    // 0, precisions 3/4 and 0, F1 6/7 and 0. Regression: truth 1 and 1 as 1 and 0, so recalls 0 and 1/2, precisions 0 and 1, F1 0
    // and 2/3; always 1 is right. The means are those of the two rows.
    [TestMethod]
    public void ToString_TwoTasks_IsTheHandComputedTable() => Assert.AreEqual(
        """
        task                  cases  accuracy  (majority)  recall  (majority)  precision  (majority)     F1  (majority)
        BlueWhitishVeil           4     0.750     (0.750)   0.833     (0.500)      0.750     (0.375)  0.733     (0.429)
        RegressionStructures      2     0.500     (1.000)   0.250     (1.000)      0.500     (1.000)  0.333     (1.000)
        mean of all tasks         4     0.625     (0.875)   0.542     (0.750)      0.625     (0.688)  0.533     (0.714)
        """.ReplaceLineEndings("\n"),
        TwoTasks().Evaluate().ToString());

    [TestMethod]
    public void ToString_Task_HoldsItsRowAndItsTable()
    {
        string[] text = TwoTasks().Evaluate().Tasks[0].ToString().Split('\n');

        Assert.HasCount(7, text);
        StringAssert.StartsWith(text[1], "BlueWhitishVeil      4     0.750     (0.750)");
        Assert.AreEqual("absent                 2        1    3", text[4]);
    }

    [TestMethod]
    public void ToString_FullTaxonomy_HasColumnsOfEqualWidthInEveryCulture()
    {
        MultiTaskEvaluation evaluation = ScoredData.Random(Taxonomy.Derm7pt, 60, seed: 10).Evaluate();
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo before = CultureInfo.CurrentCulture;
        string expected = evaluation.ToString();
        try
        {
            CultureInfo.CurrentCulture = culture;
            Assert.AreEqual(expected, evaluation.ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        string[] lines = expected.Split('\n');
        Assert.HasCount(1 + 8 + 2, lines);
        Assert.IsTrue(lines.All(line => line.Length == lines[0].Length));
        StringAssert.StartsWith(lines[^1], "mean of the criteria");
    }

    private static ScoredData TwoTasks()
    {
        JsonNode json = JsonNode.Parse(Taxonomy.Derm7pt.ToJson())!;
        JsonArray tasks = json["tasks"]!.AsArray();
        foreach (JsonNode? task in tasks.ToArray())
        {
            if ((string?)task!["name"] is not ("BlueWhitishVeil" or "RegressionStructures"))
                tasks.Remove(task);
        }

        float[] absent = [0.9f, 0.1f], present = [0.2f, 0.8f];
        return new ScoredData(
            Taxonomy.FromJson(json.ToJsonString()),
            [[0, 0, 0, 1], [1, -1, -1, 1]],
            [[absent, absent, present, present], [present, absent, absent, absent]]);
    }

    private static void AssertEqual(TaskMeasures expected, TaskMeasures actual) =>
        CollectionAssert.AreEqual(expected.Named.ToArray(), actual.Named.ToArray());

    /// <summary>Creates cases whose labels and predicted labels are all 0.</summary>
    private static ScoredData Constant(int count) => new(
        Taxonomy.Derm7pt,
        [.. Taxonomy.Derm7pt.Tasks.Select(_ => new int[count])],
        [
            .. Taxonomy.Derm7pt.Tasks.Select(task => Enumerable.Range(0, count)
                .Select(_ => Enumerable.Range(0, task.Labels.Count).Select(label => label == 0 ? 1f : 0f).ToArray()).ToArray()),
        ]);

    private static double Auroc(ScoredData data, int task, int label)
    {
        ILookup<bool, float> scores = data.Truth[task].Zip(data.Probabilities[task]).ToLookup(c => c.First == label, c => c.Second[label]);
        return scores[true].Average(p => scores[false].Average(n => p > n ? 1 : p == n ? 0.5 : 0));
    }
}
