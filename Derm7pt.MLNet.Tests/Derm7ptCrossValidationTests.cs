using System.Globalization;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Tests.Training;
using Derm7pt.MLNet.Training.Sampling;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests;

[TestClass]
public sealed class Derm7ptCrossValidationTests
{
    private const int Cases = 36, FoldCount = 3, Extent = 24;

    private static readonly int[] Seeds = [4, 9];
    private static readonly IDataView Data = TinyCases.View(Cases, extent: Extent);
    private static readonly Lazy<Derm7ptCrossValidation> Shared = new(() => CrossValidate(Options(), Data, Seeds));

    private static IReadOnlyList<Derm7ptCrossValidationRun> Runs => Shared.Value.Runs;

    [ClassCleanup]
    public static void Free() => Shared.Value.Dispose();

    [TestMethod]
    public void CrossValidateDerm7pt_SeedsAndFolds_AreRunsInOrder()
    {
        CollectionAssert.AreEqual(
            Seeds.SelectMany(seed => Enumerable.Range(1, FoldCount).Select(fold => (seed, fold))).ToArray(),
            Runs.Select(run => (run.Seed, run.Fold)).ToArray());
        foreach (int seed in Seeds)
            Assert.AreEqual(Cases, Runs.Where(run => run.Seed == seed).Sum(run => run.Evaluation.CaseCount));
        Assert.IsTrue(Runs.All(run => run.Model.Recipe!.Training.Seed == run.Seed && run.Evaluation.Intervals is null));
    }

    /// <summary>A run is nothing but a training on the other folds and an evaluation of its own.</summary>
    [TestMethod]
    [DataRow(0)]
    [DataRow(4)]
    public void CrossValidateDerm7pt_Run_EqualsFitOnTheOtherFolds(int index)
    {
        Derm7ptCrossValidationRun run = Runs[index];
        int[] foldOfCase = FoldOfCase(run.Seed);
        IDataView others = Rows(c => foldOfCase[c] != run.Fold - 1), own = Rows(c => foldOfCase[c] == run.Fold - 1);

        using Derm7ptMultiTaskTransformer expected = TinyCases.Fit(Options(run.Seed), others);

        TinyCases.AreSameWeights(expected, run.Model);
        Assert.AreEqual(TinyCases.Measured(expected.History), TinyCases.Measured(run.Model.History));
        MultiTaskEvaluation evaluation = TinyCases.Ml.MulticlassClassification.EvaluateDerm7pt(
            expected.Transform(own), new MultiTaskEvaluation.Options { BootstrapResamples = 0 });
        Assert.AreEqual(evaluation.ToJson(curves: true), run.Evaluation.ToJson(curves: true));
    }

    [TestMethod]
    public void CrossValidateDerm7pt_ValidationSet_WatchesItInEveryRun()
    {
        IDataView validation = TinyCases.View(10, seed: 3, extent: Extent);
        Derm7ptMultiTaskEstimator.Options options = Options().With(data: d => new DataOptions(d) { ValidationSet = validation });
        using Derm7ptCrossValidation crossValidation = CrossValidate(options, Data);
        int[] foldOfCase = FoldOfCase(options.Training.Seed);

        using Derm7ptMultiTaskTransformer expected = TinyCases.Fit(options, Rows(c => foldOfCase[c] != 1));

        TinyCases.AreSameWeights(expected, crossValidation.Runs[1].Model);
        Assert.HasCount(FoldCount, crossValidation.Runs);
    }

    [TestMethod]
    public void CrossValidateDerm7pt_Seeds_DrawFoldsAnew() =>
        CollectionAssert.AreNotEqual(FoldOfCase(Seeds[0]), FoldOfCase(Seeds[1]));

    [TestMethod]
    public void Summary_Runs_AreTheirMeansAndDeviations()
    {
        CrossValidationSummary summary = Shared.Value.Summary;
        foreach ((string task, Func<MultiTaskEvaluation, TaskMeasures> measures) in new (string, Func<MultiTaskEvaluation, TaskMeasures>)[]
        {
            ("Streaks", evaluation => evaluation["Streaks"].Model.Measures), ("all tasks", evaluation => evaluation.AllTasks.Model),
            ("criteria", evaluation => evaluation.Criteria.Model),
        })
        {
            double[] values = [.. Runs.Select(run => measures(run.Evaluation).MacroF1)];
            double mean = values.Sum() / values.Length;
            MeasureSummary row = summary[task, "macroF1"];
            Assert.AreEqual(mean, row.Mean, 1e-12);
            Assert.AreEqual(Math.Sqrt(values.Sum(value => Math.Pow(value - mean, 2)) / (values.Length - 1)), row.StandardDeviation, 1e-12);
            Assert.AreEqual((values.Min(), values.Max()), (row.Minimum, row.Maximum));
        }
    }

    [TestMethod]
    public void Summary_Pooled_CountsEveryCaseOncePerSeed()
    {
        CrossValidationSummary summary = Shared.Value.Summary;
        Assert.HasCount(Seeds.Length, summary.OutOfFold);
        double expected = 0;
        for (int seed = 0; seed < Seeds.Length; seed++)
        {
            MultiTaskEvaluation pooled = summary.OutOfFold[seed];
            Assert.AreEqual(Cases, pooled.CaseCount);
            MultiTaskEvaluation[] folds = [.. Runs.Where(run => run.Seed == Seeds[seed]).Select(run => run.Evaluation)];
            double accuracy = folds.Sum(fold => fold["Diagnosis"].Model.Measures.Accuracy * fold.CaseCount) / Cases;
            Assert.AreEqual(accuracy, pooled["Diagnosis"].Model.Measures.Accuracy, 1e-12);
            expected += accuracy / Seeds.Length;
            // The counts of the seven-point rule too, which come from other columns.
            Assert.AreEqual(folds.Sum(fold => fold.SevenPoint!.At(3).Rule.TruePositives), pooled.SevenPoint!.At(3).Rule.TruePositives);
        }

        Assert.AreEqual(expected, summary["Diagnosis", "accuracy"].Pooled, 1e-12);
    }

    [TestMethod]
    public void Summary_NoSuchMeasure_Throws() =>
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => Shared.Value.Summary["Streaks", "F1"]).Message, "There is no measure 'F1' of 'Streaks'.");

    [TestMethod]
    public void ToStringAndWriteCsv_AnyCulture_AreTheSame()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo before = CultureInfo.CurrentCulture;
        string text, csv;
        try
        {
            CultureInfo.CurrentCulture = culture;
            text = Shared.Value.ToString();
            using var writer = new StringWriter();
            Shared.Value.Summary.WriteCsv(writer);
            csv = writer.ToString();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        string[] lines = text.Split('\n');
        StringAssert.StartsWith(lines[0], "task");
        StringAssert.StartsWith(lines[1], "Diagnosis");
        MeasureSummary accuracy = Shared.Value.Summary["Diagnosis", "accuracy"];
        StringAssert.Contains(lines[1], Invariant($"{accuracy.Mean:F3} ± {accuracy.StandardDeviation:F3}"));
        Assert.AreEqual("Mean ± standard deviation of 6 runs: 3 folds, 2 seeds.", lines[^1]);
        string[] records = csv.TrimEnd('\n').Split('\n');
        Assert.AreEqual("scope,task,measure,mean,standardDeviation,minimum,maximum,pooled", records[0]);
        Assert.HasCount(1 + Shared.Value.Summary.Measures.Count, records);
        Assert.Contains(
            Invariant($"task,Diagnosis,accuracy,{accuracy.Mean:R},{accuracy.StandardDeviation:R},{accuracy.Minimum:R},") +
            Invariant($"{accuracy.Maximum:R},{accuracy.Pooled:R}"),
            records);
        Assert.IsTrue(records.All(record => record.Split(',').Length == 8));
    }

    [TestMethod]
    public void Combine_Runs_IsTheMeanOfTheirModelsAndOutlivesThem()
    {
        Derm7ptCrossValidation crossValidation = CrossValidate(Options().With(training: t => new TrainingOptions(t) { MaximumEpochs = 1 }), Data);
        float[][][] each = [.. crossValidation.Runs.Select(run => TinyRun.Scores(run.Model.Transform(Data)))];

        using Derm7ptMultiTaskTransformer ensemble = crossValidation.Combine();
        using Derm7ptMultiTaskTransformer viewed = crossValidation.Combine(testTimeAugmentation: true);
        crossValidation.Dispose();

        Assert.AreEqual(FoldCount, ensemble.MemberCount);
        float[][] scores = TinyRun.Scores(ensemble.Transform(Data));
        for (int row = 0; row < scores.Length; row++)
        {
            for (int i = 0; i < scores[row].Length; i++)
                Assert.AreEqual(each.Average(model => model[row][i]), scores[row][i], 1e-6);
        }

        Assert.IsTrue(viewed.Recipe!.Network.TestTimeAugmentation);
        Assert.IsTrue(crossValidation.Runs.All(run => IsDisposed(run.Model)));
    }

    [TestMethod]
    public void CrossValidateDerm7pt_Groups_StayTogether()
    {
        IDataView grouped = WithPatients(c => c % 9);
        var groups = new CaseGroups([.. Enumerable.Range(0, Cases).Select(c => c % 9)]);
        Derm7ptMultiTaskEstimator.Options options = Options();
        using Derm7ptCrossValidation crossValidation = CrossValidate(options, grouped, groupColumnName: "Patient");

        // The folds, and the cases for early stopping within the others, are those of the groups.
        int[] foldOfCase = Folds.Draw(LabelColumns.Read(Data, Taxonomy.Derm7pt, "data"), groups, FoldCount, options.Training.Seed);
        int[] others = [.. Enumerable.Range(0, Cases).Where(c => foldOfCase[c] != 0)];
        (int[] train, int[] validation) = ValidationSplit.Draw(
            LabelColumns.Read(Data, Taxonomy.Derm7pt, "data").Subset(others), 0.25, options.Training.Seed, groups.Subset(others));
        HashSet<int> trained = [.. train.Select(i => others[i])], validated = [.. validation.Select(i => others[i])];
        using Derm7ptMultiTaskTransformer expected = TinyCases.Fit(
            options.With(data: d => new DataOptions(d) { ValidationSet = Rows(validated.Contains) }), Rows(trained.Contains));
        TinyCases.AreSameWeights(expected, crossValidation.Runs[0].Model);
        Assert.IsFalse(trained.Select(c => c % 9).Intersect(validated.Select(c => c % 9)).Any());
        Assert.IsNotEmpty(validated);
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(2, 2)]
    [DataRow(3, 1)]
    public void CrossValidateDerm7pt_InterruptedAndRepeated_GivesTheUninterruptedModels(int run, int epoch)
    {
        using var folder = new TemporaryFolder();
        Derm7ptMultiTaskEstimator.Options options = Options(Seeds[0]).With(
            runtime: r => new RuntimeOptions(r) { CheckpointPath = folder.File("run.ckpt"), CheckpointEveryEpochs = 1 });
        using var cancellation = new CancellationTokenSource();
        int current = 0;
        Assert.ThrowsExactly<OperationCanceledException>(() => CrossValidate(
            options.With(runtime: r => new RuntimeOptions(r)
            {
                Cancellation = cancellation.Token,
                Progress = new Listener(progress =>
                {
                    current = progress is TrainingProgress.RunStarted started ? started.Run : current;
                    if (current == run && progress is TrainingProgress.BatchDone done && (done.Epoch, done.Batch) == (epoch, 1))
                        cancellation.Cancel();
                }),
            }),
            Data));
        var epochs = new List<(int Run, int Epoch)>();

        using Derm7ptCrossValidation resumed = CrossValidate(
            options.With(runtime: r => new RuntimeOptions(r)
            {
                Progress = new Listener(progress =>
                {
                    current = progress is TrainingProgress.RunStarted started ? started.Run : current;
                    if (progress is TrainingProgress.EpochDone done)
                        epochs.Add((current, done.Metrics.Epoch));
                }),
            }),
            Data);

        for (int i = 0; i < FoldCount; i++)
            TinyCases.AreSameWeights(Runs[i].Model, resumed.Runs[i].Model);
        Assert.AreEqual((run, epoch), epochs[0]);
        CollectionAssert.AreEquivalent(
            new[] { "run.seed4.fold1.ckpt", "run.seed4.fold2.ckpt", "run.seed4.fold3.ckpt" },
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void CrossValidateDerm7pt_Images_AreReadOnceForAllTrainings()
    {
        int read = 0;
        IDataView counted = TinyCases.View(Cases, extent: Extent, imageRead: () => Interlocked.Increment(ref read));

        using Derm7ptCrossValidation crossValidation = CrossValidate(
            Options().With(
                training: t => new TrainingOptions(t) { MaximumEpochs = 1 },
                runtime: r => new RuntimeOptions(r)
                {
                    Progress = new Listener(progress =>
                    {
                        if (progress is TrainingProgress.RunStarted { Run: 1 })
                            Assert.AreEqual(Cases, read);
                    }),
                }),
            counted, Seeds);

        // And once for each seed, to be scored by the models that were not trained on them.
        Assert.AreEqual(Cases + (Cases * Seeds.Length), read);
    }

    [TestMethod]
    public void CrossValidateDerm7pt_Progress_NamesEveryRun()
    {
        var started = new List<TrainingProgress.RunStarted>();
        var messages = new List<string>();
        var log = new MLContext(1);
        log.Log += (_, e) => messages.Add(e.RawMessage);

        CrossValidate(
            Options().With(
                training: t => new TrainingOptions(t) { MaximumEpochs = 1 },
                runtime: r => new RuntimeOptions(r)
                {
                    LogTo = log,
                    Progress = new Listener(progress => started.AddRange(progress is TrainingProgress.RunStarted run ? [run] : [])),
                }),
            Data, Seeds).Dispose();

        CollectionAssert.AreEqual(
            Enumerable.Range(1, 6).Select(run => (run, 6, ((run - 1) % 3) + 1, 3, Seeds[(run - 1) / 3])).ToArray(),
            started.Select(run => (run.Run, run.RunCount, run.Fold, run.FoldCount, run.Seed)).ToArray());
        Assert.Contains("Run 5/6: fold 2 of 3, seed 9", messages);
    }

    [TestMethod]
    public void CrossValidateDerm7pt_LabelOfOneCase_Warns()
    {
        var messages = new List<string>();
        var log = new MLContext(1);
        log.Log += (_, e) => messages.Add(e.RawMessage);
        int[] firsts = [.. Enumerable.Range(0, Cases).Where(c => c % 5 != 4 || c == 4)];

        CrossValidate(
            Options().With(training: t => new TrainingOptions(t) { MaximumEpochs = 1 }, runtime: r => new RuntimeOptions(r) { LogTo = log }),
            Rows(firsts.Contains)).Dispose();

        Assert.Contains(message => message.StartsWith("All cases (1) of label 'seborrheic keratosis' of Diagnosis", StringComparison.Ordinal), messages);
    }

    [TestMethod]
    public void CrossValidateDerm7pt_WhatIsWrong_IsAnErrorBeforeAnyTraining()
    {
        void Refused<T>(string expected, Func<Derm7ptCrossValidation> run)
            where T : Exception => StringAssert.Contains(Assert.ThrowsExactly<T>(run).Message, expected);
        Derm7ptMultiTaskEstimator.Options options = Options().With(
            runtime: r => new RuntimeOptions(r) { Progress = new Listener(_ => Assert.Fail("trained")) });

        Refused<ArgumentOutOfRangeException>("at least 2 folds", () => CrossValidate(options, Data, folds: 1));
        Refused<ArgumentOutOfRangeException>("There are 36 cases, fewer than folds", () => CrossValidate(options, Data, folds: 37));
        Refused<ArgumentOutOfRangeException>(
            "There are 2 groups in column 'Patient', fewer than folds", () => CrossValidate(options, WithPatients(c => c % 2), groupColumnName: "Patient"));
        Refused<ArgumentOutOfRangeException>("Could not find group column 'Patient'", () => CrossValidate(options, Data, groupColumnName: "Patient"));
        Refused<ArgumentOutOfRangeException>(
            "Could not find image column 'Picture'", () => CrossValidate(options.With(data: d => new DataOptions(d) { ImageColumnName = "Picture" }), Data));
        Refused<ArgumentException>("Expected seeds that differ, at least one; got [1, 1].", () => CrossValidate(options, Data, [1, 1]));
        Refused<ArgumentException>("got []", () => CrossValidate(options, Data, []));
        Refused<ArgumentException>("MaximumEpochs must be positive", () => CrossValidate(options.With(training: t => new TrainingOptions(t) { MaximumEpochs = 0 }), Data));
        Refused<ArgumentException>("Training must not be null.", () => CrossValidate(new Derm7ptMultiTaskEstimator.Options(options) { Training = null! }, Data));
        Refused<DirectoryNotFoundException>(
            "does not exist", () => CrossValidate(options.With(runtime: r => new RuntimeOptions(r) { CheckpointPath = "no such folder/run.ckpt" }), Data));
        Assert.ThrowsExactly<ArgumentNullException>(() => TinyCases.Ml.MulticlassClassification.CrossValidateDerm7pt(null!, options));
        Assert.ThrowsExactly<ArgumentNullException>(() => TinyCases.Ml.MulticlassClassification.CrossValidateDerm7pt(Data, null!));
    }

    [TestMethod]
    public void CrossValidateDerm7pt_BalancedSampling_TrainsOrNamesTheFoldThatCannot()
    {
        Derm7ptMultiTaskEstimator.Options options = Options().With(training: t => new TrainingOptions(t) { MaximumEpochs = 1 });
        IDataView Balanced(IDataView data) => TinyCases.Ml.Transforms.Derm7ptBalancedSampling(1).Fit(data).Transform(data);

        using Derm7ptCrossValidation balanced = CrossValidate(options, Balanced(Data));

        Assert.Contains("balanced", balanced.Runs[2].Model.TrainingDetails["Sampling"]);
        int[] firsts = [.. Enumerable.Range(0, Cases).Where(c => c % 5 != 4 || c == 4)];
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => CrossValidate(options, Balanced(Rows(firsts.Contains)))).Message;
        StringAssert.Contains(message, " of seed 1: Balanced sampling needs at least one training case of every label");
    }

    private static Derm7ptCrossValidation CrossValidate(
        Derm7ptMultiTaskEstimator.Options options, IDataView data, IReadOnlyList<int>? seeds = null, string? groupColumnName = null, int folds = FoldCount) =>
        TinyCases.Ml.MulticlassClassification.CrossValidateDerm7pt(data, options, folds, seeds, groupColumnName);

    private static Derm7ptMultiTaskEstimator.Options Options(int seed = 1) => TinyCases.Options(maximumEpochs: 2).With(
        training: t => new TrainingOptions(t) { Seed = seed, BatchSize = 10, ValidationFraction = 0.25 },
        data: d => new DataOptions(d) { ValidationSet = null });

    private static int[] FoldOfCase(int seed) =>
        Folds.Draw(LabelColumns.Read(Data, Taxonomy.Derm7pt, "data"), CaseGroups.Single(Cases), FoldCount, seed);

    private static RepeatedRowsDataView Rows(Func<int, bool> predicate) =>
        new(Data, [.. Enumerable.Range(0, Cases).Select(c => predicate(c) ? 1 : 0)]);

    private static IDataView WithPatients(Func<int, int> patient) => TinyCases.View(Cases, extent: Extent, patient: patient);

    private static bool IsDisposed(Derm7ptMultiTaskTransformer model)
    {
        try
        {
            return !model.Transform(Data).GetColumn<float>("MelanomaProbability").Any();
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
