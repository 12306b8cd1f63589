using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Interpretation;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests;

[TestClass]
public sealed class Derm7ptMultiTaskTransformerTests
{
    private static readonly string[] Outputs =
    [
        .. Taxonomy.Derm7pt.Tasks.SelectMany(t => new[] { t.Name + "Score", t.Name + "PredictedLabel", t.Name + "PredictedLabelText" }),
        "GateAlphas", "SevenPointScore", "MelanomaProbability",
    ];

    private static TinyRun Run => TinyRun.Shared;

    [TestMethod]
    public void Transform_Rows_AreAllScoredWithProbabilities()
    {
        float[][] scores = TinyRun.Scores(Run.Scored);

        Assert.HasCount((int)Run.Release.Test.GetRowCount()!, scores);
        foreach (ClassificationTask task in Taxonomy.Derm7pt.Tasks)
        {
            foreach (float[] row in TinyRun.Vectors(Run.Scored, task.Name + "Score"))
            {
                Assert.AreEqual(1, row.Sum(), 1e-5);
                Assert.IsTrue(row.All(p => p is >= 0 and <= 1));
            }
        }
    }

    [TestMethod]
    public void Transform_PredictedColumns_FollowFromTheScores()
    {
        Taxonomy taxonomy = Taxonomy.Derm7pt;
        var expectedScore = new float[TinyRun.Scores(Run.Scored).Length];
        foreach (ClassificationTask task in taxonomy.Tasks)
        {
            float[][] scores = TinyRun.Vectors(Run.Scored, task.Name + "Score");
            uint[] keys = [.. Run.Scored.GetColumn<uint>(task.Name + "PredictedLabel")];
            string[] text = [.. Run.Scored.GetColumn<string>(task.Name + "PredictedLabelText")];
            for (int row = 0; row < keys.Length; row++)
            {
                int best = Array.IndexOf(scores[row], scores[row].Max());
                Assert.AreEqual((uint)best + 1, keys[row]);
                Assert.AreEqual(task.Labels[best].Name, text[row]);
                expectedScore[row] += task.Labels[best].Score;
            }
        }

        CollectionAssert.AreEqual(expectedScore, Run.Scored.GetColumn<float>("SevenPointScore").ToArray());
        CollectionAssert.AreEqual(
            TinyRun.Vectors(Run.Scored, "DiagnosisScore").Select(row => row[2]).ToArray(),
            Run.Scored.GetColumn<float>("MelanomaProbability").ToArray());
    }

    [TestMethod]
    public void Transform_GateAlphas_AreNamedAndOwnGatesAreOpen()
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        Run.Scored.Schema["GateAlphas"].GetSlotNames(ref names);
        float[] alphas = TinyRun.Vectors(Run.Scored, "GateAlphas")[0];

        Assert.HasCount(8 * 8 * (1 + 2), alphas);
        foreach ((ReadOnlyMemory<char> name, float alpha) in names.DenseValues().Zip(alphas))
        {
            string[] parts = name.ToString().Split('.', '<', '-', '[');
            Assert.IsTrue(parts[1] == parts[3] ? alpha == 1 : alpha is > 0 and < 1, $"{name} is {alpha}");
        }
    }

    [TestMethod]
    public void Gates_Block_IsTheMeanOfTheNamedGatesInPercent()
    {
        SharingMatrix sharing = Run.Model.LastTransformer.Gates.Block(1);
        float[] alphas = TinyRun.Vectors(Run.Scored, "GateAlphas")[0];

        // Block 1 has 8·8·1 gates; in block 2 the two channels of a task are adjacent.
        Assert.AreEqual(50 * (alphas[64 + (2 * ((3 * 8) + 5))] + alphas[64 + (2 * ((3 * 8) + 5)) + 1]), sharing[3, 5], 1e-4);
        Assert.AreEqual(100, sharing[4, 4]);
    }

    [TestMethod]
    public void Transform_WithoutLabelColumns_ScoresAlike()
    {
        IDataView unlabelled = Run.Ml.Transforms.SelectColumns("ImagePath").Fit(Run.Release.Test).Transform(Run.Release.Test);

        TinyRun.AssertEqual(TinyRun.Scores(Run.Scored), TinyRun.Scores(Run.Model.Transform(unlabelled)), 0);
    }

    [TestMethod]
    public void Transform_PixelVectors_ScoreAsImagesDo()
    {
        IDataView images = Run.Images.Transform(Run.Release.Test);
        IDataView pixels = Run.Ml.Transforms.ExtractPixels("Pixels", "Image", scaleImage: 1 / 255f).Fit(images).Transform(images);
        IDataView renamed = Run.Ml.Transforms.CopyColumns("Image", "Pixels").Fit(pixels).Transform(pixels);

        TinyRun.AssertEqual(TinyRun.Scores(Run.Scored), TinyRun.Scores(Run.Model.LastTransformer.Transform(renamed)), 1e-6f);
    }

    [TestMethod]
    public void Transform_Cached_ScoresAlike() =>
        TinyRun.AssertEqual(TinyRun.Scores(Run.Scored), TinyRun.Scores(Run.Ml.Data.Cache(Run.Scored)), 0);

    [TestMethod]
    public void Transform_Previewed_HasAllColumns()
    {
        DataDebuggerPreview preview = Run.Scored.Preview(maxRows: 5);

        Assert.HasCount(5, preview.RowView);
        CollectionAssert.IsSubsetOf(Outputs, preview.ColumnView.Select(column => column.Column.Name).ToArray());
    }

    [TestMethod]
    public void Transform_SeveralCursorsAtOnce_DeliverTheSame()
    {
        float[][] expected = TinyRun.Scores(Run.Scored);

        Parallel.For(0, 6, new ParallelOptions { MaxDegreeOfParallelism = 6 }, _ => TinyRun.AssertEqual(expected, TinyRun.Scores(Run.Scored), 0));
    }

    [TestMethod]
    public void Transform_OneColumnAsked_OthersAreNotActive()
    {
        using DataViewRowCursor cursor = Run.Scored.GetRowCursor([Run.Scored.Schema["SevenPointScore"], Run.Scored.Schema["CaseNumber"]]);

        Assert.IsTrue(cursor.MoveNext());
        Assert.IsTrue(cursor.IsColumnActive(Run.Scored.Schema["CaseNumber"]));
        Assert.IsFalse(cursor.IsColumnActive(Run.Scored.Schema["DiagnosisScore"]));
        Assert.Throws<Exception>(() => cursor.GetGetter<VBuffer<float>>(Run.Scored.Schema["DiagnosisScore"]));
    }

    [TestMethod]
    public void PredictionEngine_EveryRow_PredictsAsTransformDoes()
    {
        PredictionEngine<Input, Output> engine = Run.Ml.Model.CreatePredictionEngine<Input, Output>(
            Run.Model, new PredictionEngineOptions { OwnsTransformer = false });
        Input[] inputs = [.. Run.Ml.Data.CreateEnumerable<Input>(Run.Release.Test, reuseRowObject: false)];

        Output[] predictions = [.. inputs.Select(engine.Predict)];

        TinyRun.AssertEqual(TinyRun.Vectors(Run.Scored, "StreaksScore"), [.. predictions.Select(p => p.StreaksScore)], 1e-6f);
        CollectionAssert.AreEqual(
            Run.Scored.GetColumn<string>("StreaksPredictedLabelText").ToArray(), predictions.Select(p => p.StreaksPredictedLabelText).ToArray());
        CollectionAssert.AreEqual(
            Run.Scored.GetColumn<float>("SevenPointScore").ToArray(), predictions.Select(p => p.SevenPointScore).ToArray());
    }

    [TestMethod]
    public void MulticlassEvaluate_EveryTask_AgreesWithTheConfusionCounts()
    {
        MultiTaskEvaluation evaluation = Run.Ml.MulticlassClassification.EvaluateDerm7pt(Run.Scored);
        foreach (TaskEvaluation task in evaluation.Tasks)
        {
            string name = task.Task.Name;
            MulticlassClassificationMetrics metrics =
                Run.Ml.MulticlassClassification.Evaluate(Run.Scored, name, name + "Score", name + "PredictedLabel");

            Assert.AreEqual(metrics.MicroAccuracy, task.Model.Confusion.Accuracy, 1e-9, name);
            Assert.AreEqual(metrics.MacroAccuracy, task.Model.Confusion.BalancedAccuracy, 1e-9, name);
            for (int label = 0; label < task.Model.Confusion.Labels.Count; label++)
                Assert.AreEqual(metrics.ConfusionMatrix.PerClassRecall[label], task.Model.Confusion.Recall(label), 1e-9, name);
        }
    }

    [TestMethod]
    public void Save_WholePipelineReloaded_GivesTheSameColumnsAndValues()
    {
        using var file = new MemoryStream();
        Run.Ml.Model.Save(Run.Model, Run.Release.Test.Schema, file);
        var other = new MLContext();
        IDataView loaded = other.Model.Load(file, out _).Transform(Run.Release.Test);

        CollectionAssert.AreEqual(VisibleColumns(Run.Scored), VisibleColumns(loaded));
        foreach (string column in Outputs)
            SchemaAssert.AnnotationsEqual(Run.Scored.Schema[column], loaded.Schema[column]);
        TinyRun.AssertEqual(TinyRun.Scores(Run.Scored), TinyRun.Scores(loaded), 1e-4f);
        TinyRun.AssertEqual(TinyRun.Vectors(Run.Scored, "GateAlphas"), TinyRun.Vectors(loaded, "GateAlphas"), 0);
        foreach (string column in new[] { "SevenPointScore", "MelanomaProbability" })
        {
            float[] expected = [.. Run.Scored.GetColumn<float>(column)], actual = [.. loaded.GetColumn<float>(column)];
            TinyRun.AssertEqual([expected], [actual], 1e-4f);
        }

        foreach (ClassificationTask task in Taxonomy.Derm7pt.Tasks)
        {
            CollectionAssert.AreEqual(
                Run.Scored.GetColumn<uint>(task.Name + "PredictedLabel").ToArray(),
                loaded.GetColumn<uint>(task.Name + "PredictedLabel").ToArray());
        }

        static string[] VisibleColumns(IDataView data) =>
            [.. data.Schema.Where(column => !column.IsHidden).Select(column => $"{column.Name}: {column.Type}")];
    }

    [TestMethod]
    public void LoadDerm7pt_WholePipelineSaved_RestoresTheTrainedStage()
    {
        string path = Path.Combine(Path.GetTempPath(), $"derm7pt-{Guid.NewGuid():N}.zip");
        try
        {
            Run.Ml.Model.Save(Run.Model, Run.Release.Test.Schema, path);
            using Derm7ptMultiTaskTransformer restored = new MLContext().Model.LoadDerm7ptMultiTask(path);
            using Derm7ptMultiTaskTransformer tuned = Run.Pipeline(
                new Derm7ptMultiTaskEstimator.Options(Run.Options) { InitialModel = restored }.With(training: t => new TrainingOptions(t) { MaximumEpochs = 1 }))
                .Fit(Run.Release.Train).LastTransformer;

            TinyRun.AssertEqual(TinyRun.Scores(Run.Scored), TinyRun.Scores(restored.Transform(Run.Images.Transform(Run.Release.Test))), 1e-5f);
            CollectionAssert.AreEqual(
                Run.Model.LastTransformer.History.Epochs.Select(e => e.TrainingLoss).ToArray(),
                restored.History.Epochs.Select(e => e.TrainingLoss).ToArray());
            Assert.HasCount(1, tuned.History.Epochs);
            CollectionAssert.AreEquivalent(
                Run.Model.LastTransformer.TrainingDetails.ToArray(), restored.TrainingDetails.ToArray());
            Assert.AreEqual(Run.Options.Recipe.ToJson(), restored.Recipe!.ToJson());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Transform_Disposed_ThrowsInsteadOfCrashing()
    {
        using Derm7ptMultiTaskTransformer transformer =
            Run.Pipeline(Run.Options.With(training: t => new TrainingOptions(t) { MaximumEpochs = 1 })).Fit(Run.Release.Train).LastTransformer;
        IDataView scored = transformer.Transform(Run.Images.Transform(Run.Release.Test));

        transformer.Dispose();
        transformer.Dispose();

        ObjectDisposedException e = Assert.Throws<ObjectDisposedException>(() => TinyRun.Vectors(scored, "StreaksScore"));
        Assert.AreEqual(typeof(Derm7ptMultiTaskTransformer).FullName, e.ObjectName);
    }

    [TestMethod]
    public void Transform_InputThatChangesItsOrder_IsFoundOut()
    {
        IDataView pixels = Run.Images.Transform(new ReshuffledView(Run.Release.Test));

        var e = Assert.Throws<InvalidOperationException>(() => TinyRun.Vectors(Run.Model.LastTransformer.Transform(pixels), "StreaksScore"));

        StringAssert.Contains(e.Message, "in another order");
    }

    [TestMethod]
    public void CrossValidate_WholePipeline_TrainsEveryFold()
    {
        // ML.NET's cross-validation uses fixed column names.
        var pipeline = Run.Pipeline(Run.Options.With(training: t => new TrainingOptions(t) { MaximumEpochs = 1 }), samplesPerLabel: null)
            .Append(Run.Ml.Transforms.CopyColumns("Score", "StreaksScore"))
            .Append(Run.Ml.Transforms.CopyColumns("PredictedLabel", "StreaksPredictedLabel"));

        var folds = Run.Ml.MulticlassClassification.CrossValidate(Run.Release.All, pipeline, numberOfFolds: 2, labelColumnName: "Streaks");

        Assert.HasCount(2, folds);
        Assert.IsTrue(folds.All(fold => fold.Metrics.MicroAccuracy is >= 0 and <= 1));
    }

    [TestMethod]
    public void Transform_ImagesOfAnotherSize_TellsExpectedAndActual()
    {
        IDataView larger = Run.Ml.Transforms.LoadImages("Image", "", "ImagePath").Append(Run.Ml.Transforms.ResizeImages("Image", 40, 48))
            .Fit(Run.Release.Test).Transform(Run.Release.Test);

        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Run.Model.LastTransformer.Transform(larger));

        StringAssert.Contains(e.Message, "expected 32×32 pixels, got 40×48");
    }

    private sealed class Input
    {
        public string ImagePath { get; set; } = "";
    }

    private sealed class Output
    {
        public float[] StreaksScore { get; set; } = [];

        public string StreaksPredictedLabelText { get; set; } = "";

        public float SevenPointScore { get; set; }
    }
}
