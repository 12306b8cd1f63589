using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tests.Networks;
using Derm7pt.MLNet.Training;
using Derm7pt.MLNet.Training.Sampling;
using Microsoft.ML;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class CheckpointTests : IDisposable
{
    private const int MaximumEpochs = 7;

    // The result of an uninterrupted run is the same for all tests, since runs are reproducible.
    private static readonly Lazy<Derm7ptMultiTaskTransformer> Uninterrupted = new(() => TinyCases.Fit(TinyCases.Options(MaximumEpochs)));

    private readonly TemporaryFolder _folder = new();

    private string CheckpointPath => _folder.File("run.ckpt");

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow(1, 2, 1)] // one-based epoch and mini-batch of each interruption
    [DataRow(2, 1, 3)]
    [DataRow(4, 2, 2)]
    [DataRow(7, 1, 10)]
    public void Fit_InterruptedAndResumed_GivesTheUninterruptedRun(int epoch, int batch, int everyEpochs)
    {
        Derm7ptMultiTaskEstimator.Options options = Options().With(runtime: r => new RuntimeOptions(r) { CheckpointEveryEpochs = everyEpochs });
        OperationCanceledException cancelled = Interrupt(options, epoch, batch);

        using Derm7ptMultiTaskTransformer resumed = TinyCases.Fit(options);

        Assert.AreEqual(epoch > 1, cancelled.Message.Contains(CheckpointPath, StringComparison.Ordinal), cancelled.Message);
        TinyCases.AreSameWeights(Uninterrupted.Value, resumed);
        Assert.AreEqual(TinyCases.Measured(Uninterrupted.Value.History), TinyCases.Measured(resumed.History));
    }

    /// <summary>Options that change how a run goes on from epoch to epoch.</summary>
    public static IEnumerable<object[]> Schedules() =>
    [
        [new TrainingOptions { WeightDecay = 0.1, WarmUpEpochs = 2.5, LearningRateSchedule = LearningRateSchedule.Cosine }],
        [new TrainingOptions { LearningRateSchedule = LearningRateSchedule.Plateau, PlateauFactor = 0.5, PlateauPatience = 1 }],
        [new TrainingOptions { AverageDecay = 0.9 }],
        [
            new TrainingOptions
            {
                LabelSmoothing = 0.1,
                ClassWeightExponent = 0.5,
                LossCombination = LossCombination.Mean,
                Augmentation = new AugmentationOptions
                {
                    CropShareMinimum = 0.5,
                    CropShareMaximum = 0.75,
                    OutputHeight = 28,
                    OutputWidth = 30,
                    QuarterTurns = true,
                    BrightnessFraction = 0.1,
                    ContrastFraction = 0.2,
                    MixupAlpha = 0.4,
                },
            },
        ],
    ];

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void Fit_AnyScheduleInterruptedAndResumed_GivesTheUninterruptedRun(TrainingOptions training)
    {
        TrainingOptions small = TinyCases.Options(MaximumEpochs).Training;
        Derm7ptMultiTaskEstimator.Options options = new Derm7ptMultiTaskEstimator.Options(Options())
        {
            Training = new TrainingOptions(training) { BatchSize = small.BatchSize, BatchesPerEpoch = small.BatchesPerEpoch, LearningRate = 0.1, MaximumEpochs = MaximumEpochs },
        };
        using Derm7ptMultiTaskTransformer expected = TinyCases.Fit(options.With(runtime: r => new RuntimeOptions(r) { CheckpointPath = null }));
        Interrupt(options, epoch: 5, batch: 1);

        using Derm7ptMultiTaskTransformer resumed = TinyCases.Fit(options);

        TinyCases.AreSameWeights(expected, resumed);
        Assert.AreEqual(TinyCases.Measured(expected.History), TinyCases.Measured(resumed.History));
        using Derm7ptMultiTaskTransformer without = TinyCases.Fit(TinyCases.Options(MaximumEpochs).With(training: t => new TrainingOptions(t) { LearningRate = 0.1 }));
        Assert.IsNotEmpty(TinyCases.DifferentTensors(without, resumed));
    }

    [TestMethod]
    public void Fit_EveryCaseOncePerEpoch_ResumesToo()
    {
        Derm7ptMultiTaskEstimator.Options options = Options().With(training: t => new TrainingOptions(t) { BatchSize = 15, BatchesPerEpoch = null, AverageDecay = 0.9 });
        using Derm7ptMultiTaskTransformer expected = TinyCases.Fit(options.With(runtime: r => new RuntimeOptions(r) { CheckpointPath = null }));
        // The 40 cases fill three mini-batches.
        Interrupt(options, epoch: 3, batch: 3);

        using Derm7ptMultiTaskTransformer resumed = TinyCases.Fit(options);

        TinyCases.AreSameWeights(expected, resumed);
    }

    [TestMethod]
    public void Fit_AveragesWithoutValidation_ResumesToo()
    {
        Derm7ptMultiTaskEstimator.Options options = Options().With(
            training: t => new TrainingOptions(t) { ValidationFraction = 0, AverageDecay = 0.9 }, data: d => new DataOptions(d) { ValidationSet = null });
        using Derm7ptMultiTaskTransformer expected = TinyCases.Fit(options.With(runtime: r => new RuntimeOptions(r) { CheckpointPath = null }));
        Interrupt(options, epoch: 4, batch: 1);

        using Derm7ptMultiTaskTransformer resumed = TinyCases.Fit(options);
        using Derm7ptMultiTaskTransformer again = TinyCases.Fit(options);

        TinyCases.AreSameWeights(expected, resumed);
        TinyCases.AreSameWeights(expected, again);
    }

    [TestMethod]
    [DataRow(0.9, "moving averages of the weights are missing")]
    [DataRow(0, "holds moving averages of the weights, which this run does not have")]
    public void Restore_StateWithoutWhatTheRunHas_Throws(double averageDecay, string expected)
    {
        TrainingOptions options = new() { AverageDecay = averageDecay };
        using TorchNetwork network = new(TestNetworks.Spec(GateMode.Learned), seed: 1);
        using var trainer = new Trainer(network, options, new ShuffledSampler(4, 2, 1, seed: 1), new SumOfLosses());
        IReadOnlyList<NamedTensor> values = network.Capture();
        AdamMoments[] moments = [.. network.Trained.Select(p => p.Tensor.ToNamedTensor(p.Name)).Select(t => new AdamMoments(1, t, t))];

        string message = Assert.ThrowsExactly<InvalidDataException>(
            () => trainer.Restore(new TrainingState([], values, null, moments, averageDecay > 0 ? null : values))).Message;

        StringAssert.Contains(message, expected);
    }

    [TestMethod]
    public void Fit_InterruptedTwice_GivesTheUninterruptedRun()
    {
        Interrupt(Options(), epoch: 3, batch: 1);
        Interrupt(Options(), epoch: 6, batch: 2);
        int first = 0;

        using Derm7ptMultiTaskTransformer resumed = TinyCases.Fit(Options().With(runtime: r => new RuntimeOptions(r)
        {
            Progress = new Listener(p => first = p is TrainingProgress.EpochDone done && first == 0 ? done.Metrics.Epoch : first),
        }));

        Assert.AreEqual(6, first);
        TinyCases.AreSameWeights(Uninterrupted.Value, resumed);
    }

    [TestMethod]
    public void Fit_InterruptedBeforeAnEpochIsResumed_KeepsTheCheckpoint()
    {
        Interrupt(Options(), epoch: 3, batch: 1);
        byte[] before = File.ReadAllBytes(CheckpointPath);

        OperationCanceledException cancelled = Interrupt(Options(), epoch: 3, batch: 1);

        CollectionAssert.AreEqual(before, File.ReadAllBytes(CheckpointPath));
        StringAssert.Contains(cancelled.Message, CheckpointPath);
    }

    [TestMethod]
    public void Fit_ClosedGatesWithoutValidation_ResumesToo()
    {
        Derm7ptMultiTaskEstimator.Options options = Options().With(
            network: n => new NetworkOptions(n) { Gates = GateMode.Closed },
            training: t => new TrainingOptions(t) { ValidationFraction = 0 },
            data: d => new DataOptions(d) { ValidationSet = null });
        using Derm7ptMultiTaskTransformer expected = TinyCases.Fit(options.With(runtime: r => new RuntimeOptions(r) { CheckpointPath = null }));
        Interrupt(options, epoch: 4, batch: 1);

        using Derm7ptMultiTaskTransformer resumed = TinyCases.Fit(options);

        TinyCases.AreSameWeights(expected, resumed);
        Assert.AreEqual(MaximumEpochs, resumed.History.BestEpoch);
    }

    [TestMethod]
    public void Fit_InterruptedAfterTheBestEpoch_KeepsItAndStopsWhereItWouldHave()
    {
        // The learning rate is so high that an early epoch is the best.
        Derm7ptMultiTaskEstimator.Options options = Options().With(training: t => new TrainingOptions(t)
        {
            LearningRate = 0.3,
            Patience = 4,
            MaximumEpochs = 60,
            EarlyStoppingMetric = EarlyStoppingMetric.ValidationLoss,
        });
        using Derm7ptMultiTaskTransformer expected = TinyCases.Fit(options.With(runtime: r => new RuntimeOptions(r) { CheckpointPath = null }));
        int best = expected.History.BestEpoch;
        Assert.HasCount(best + 4, expected.History.Epochs);
        Interrupt(options, best + 3, batch: 2);

        using Derm7ptMultiTaskTransformer resumed = TinyCases.Fit(options);

        Assert.AreEqual(TinyCases.Measured(expected.History), TinyCases.Measured(resumed.History));
        TinyCases.AreSameWeights(expected, resumed);
    }

    [TestMethod]
    public void Fit_CompletedRun_GivesItsModelAtOnce()
    {
        using (TinyCases.Fit(Options()))
        {
        }

        int epochs = 0;
        using Derm7ptMultiTaskTransformer again = TinyCases.Fit(
            Options().With(runtime: r => new RuntimeOptions(r) { Progress = new Listener(p => epochs += p is TrainingProgress.EpochDone ? 1 : 0) }));

        Assert.AreEqual(0, epochs);
        TinyCases.AreSameWeights(Uninterrupted.Value, again);
    }

    [TestMethod]
    public void Fit_CompletedRunWithMoreEpochs_GivesTheLongerRun()
    {
        using (TinyCases.Fit(Options().With(training: t => new TrainingOptions(t) { MaximumEpochs = 3 })))
        {
        }

        using Derm7ptMultiTaskTransformer longer = TinyCases.Fit(Options());

        TinyCases.AreSameWeights(Uninterrupted.Value, longer);
    }

    [TestMethod]
    public void Fit_ProgressFails_KeepsTheLastWrittenCheckpoint()
    {
        Assert.ThrowsExactly<InvalidCastException>(() => TinyCases.Fit(Options().With(
            runtime: r => new RuntimeOptions(r)
            {
                CheckpointEveryEpochs = 2,
                Progress = new Listener(p => { if (p is TrainingProgress.BatchDone { Epoch: 4 }) throw new InvalidCastException(); }),
            })));

        using Derm7ptMultiTaskTransformer resumed = TinyCases.Fit(Options().With(runtime: r => new RuntimeOptions(r) { CheckpointEveryEpochs = 2 }));

        TinyCases.AreSameWeights(Uninterrupted.Value, resumed);
    }

    [TestMethod]
    public void Fit_CheckpointOfAnotherRun_NamesEveryDifference()
    {
        Interrupt(Options(), epoch: 5, batch: 1);
        byte[] before = File.ReadAllBytes(CheckpointPath);
        Derm7ptMultiTaskEstimator.Options other = Options().With(
            network: n => new NetworkOptions(n)
            {
                FiltersPerBlock = [2, 2],
                Gates = GateMode.Closed,
                GateSteepness = 2,
                Dropout = 0.1,
            },
            training: t => new TrainingOptions(t)
            {
                BatchSize = 10,
                BatchesPerEpoch = 3,
                MaximumEpochs = 2,
                Patience = 9,
                EarlyStoppingMetric = EarlyStoppingMetric.ValidationLoss,
                LearningRate = 0.5,
                GateLearningRate = 0.25,
                FocusingParameter = 1,
                L2Regularization = 0,
                GateL1Regularization = 0.125,
                Augmentation = null,
                Seed = 7,
            },
            data: d => new DataOptions(d) { ValidationSet = null });

        string message = Assert.ThrowsExactly<InvalidOperationException>(() => TinyCases.Fit(other)).Message;

        StringAssert.Contains(message, CheckpointPath);
        foreach (string expected in new[]
        {
            "Network.FiltersPerBlock: [1,2] in the checkpoint, [2,2] in this run",
            "Network.Gates: Learned in the checkpoint, Closed in this run", "Network.GateSteepness: 3 ",
            "Network.Dropout: 0.3 in the checkpoint, 0.1 in this run", "Sampling: ", "Training.BatchSize: 20 ",
            "Training.BatchesPerEpoch: 2 ", "Training.Patience: 200 ", "Training.EarlyStoppingMetric: MeanMacroF1 ",
            "Training.LearningRate: 0.02 ", "Training.GateLearningRate: 0.1 ", "Training.FocusingParameter: 2 ",
            "Training.L2Regularization: 0.0001 in the checkpoint, 0 in this run", "Training.GateL1Regularization: 0 ",
            "Training.Augmentation.RotationDegrees: 90 ", "Training.Seed: 1 in the checkpoint, 7 in this run",
            "Training cases: 40, ", "Validation cases: 15, ", "MaximumEpochs: 4 are done in the checkpoint, 2 in this run",
        })
        {
            StringAssert.Contains(message, expected);
        }

        foreach (string same in new[] { "Taxonomy: ", "Image size: ", "InitialModel: " })
            Assert.DoesNotContain(same, message);
        CollectionAssert.AreEqual(before, File.ReadAllBytes(CheckpointPath));
    }

    [TestMethod]
    public void Fit_CheckpointOfOtherData_SaysWhichCasesDiffer()
    {
        Interrupt(Options(), epoch: 3, batch: 1);

        AssertDiffers("Training cases: ", Options(), TinyCases.View(seed: 3));
        AssertDiffers("Validation cases: ", Options().With(data: d => new DataOptions(d) { ValidationSet = TinyCases.View(15, seed: 3) }));
        AssertDiffers("Image size: ", Options().With(data: d => new DataOptions(d) { ValidationSet = TinyCases.View(15, extent: 36) }), TinyCases.View(extent: 36));
        using Derm7ptMultiTaskTransformer initial = TinyCases.Fit(TinyCases.Options(1));
        AssertDiffers("InitialModel: none ", new Derm7ptMultiTaskEstimator.Options(Options()) { InitialModel = initial });
        AssertDiffers("Sampling: ", Options(), TinyCases.Ml.Transforms.Derm7ptBalancedSampling(1).Fit(TinyCases.View()).Transform(TinyCases.View()));
    }

    [TestMethod]
    public void Fit_DamagedCheckpoint_ThrowsAndLeavesTheFile()
    {
        Interrupt(Options(), epoch: 3, batch: 1);
        byte[] damaged = File.ReadAllBytes(CheckpointPath);
        damaged[damaged.Length / 2] ^= 1;
        File.WriteAllBytes(CheckpointPath, damaged);

        Derm7ptModelException e = Assert.ThrowsExactly<Derm7ptModelException>(() => TinyCases.Fit(Options()));

        Assert.AreEqual(CheckpointPath, e.Path);
        CollectionAssert.AreEqual(damaged, File.ReadAllBytes(CheckpointPath));
    }

    [TestMethod]
    public void Fit_FolderOfCheckpointMissing_ThrowsBeforeTraining()
    {
        Derm7ptMultiTaskEstimator.Options options = TinyCases.Options().With(
            runtime: r => new RuntimeOptions(r)
            {
                CheckpointPath = _folder.File("missing/run.ckpt"),
                Progress = new Listener(_ => Assert.Fail("trained")),
            });

        StringAssert.Contains(Assert.ThrowsExactly<DirectoryNotFoundException>(() => TinyCases.Fit(options)).Message, "missing");
        Assert.ThrowsExactly<IOException>(() => TinyCases.Fit(options.With(runtime: r => new RuntimeOptions(r) { CheckpointPath = _folder.Path })));
    }

    [TestMethod]
    public void Options_ChecksOfCheckpoints_AreMade()
    {
        string message = Assert.ThrowsExactly<ArgumentException>(
            () => TinyCases.Fit(TinyCases.Options().With(runtime: r => new RuntimeOptions(r) { CheckpointPath = " ", CheckpointEveryEpochs = 0 }))).Message;

        StringAssert.Contains(message, "CheckpointPath must name a file, or be null.");
        StringAssert.Contains(message, "CheckpointEveryEpochs must be positive, got 0.");
    }

    // A checkpoint must remain usable if the next node of a cluster is another machine.
    [TestMethod]
    [DataRow("Arm64, AdvSimd", 1)]
    [DataRow(null, 0)] // as written before the kind of processor was recorded
    public void Fit_CheckpointOfAnotherProcessor_GoesOnWithAWarning(string? processor, int expected)
    {
        Interrupt(Options(), epoch: 4, batch: 1);
        Checkpoint written = CheckpointFile.Read(CheckpointPath);
        Assert.AreEqual(ProcessorKind.Current, written.Run.Entries["Processor"]);
        Dictionary<string, string> entries = written.Run.Entries.Where(entry => entry.Key != "Processor").ToDictionary();
        if (processor is not null)
            entries["Processor"] = processor;
        CheckpointFile.Write(CheckpointPath, written with { Run = new RunIdentity(entries) });
        var ml = new MLContext(1);
        var warnings = new List<string>();
        ml.Log += (_, e) =>
        {
            if (e.RawMessage.Contains("kind of processor", StringComparison.Ordinal))
                warnings.Add(e.RawMessage);
        };

        using Derm7ptMultiTaskTransformer resumed = TinyCases.Fit(Options().With(runtime: r => new RuntimeOptions(r) { LogTo = ml }));

        Assert.HasCount(expected, warnings);
        TinyCases.AreSameWeights(Uninterrupted.Value, resumed);
    }

    private static void AssertDiffers(string expected, Derm7ptMultiTaskEstimator.Options options, IDataView? data = null) =>
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => TinyCases.Fit(options, data)).Message, expected);

    private Derm7ptMultiTaskEstimator.Options Options() => TinyCases.Options(MaximumEpochs).With(runtime: r => new RuntimeOptions(r) { CheckpointPath = CheckpointPath });

    private static OperationCanceledException Interrupt(Derm7ptMultiTaskEstimator.Options options, int epoch, int batch)
    {
        using var cancellation = new CancellationTokenSource();
        return Assert.ThrowsExactly<OperationCanceledException>(() => TinyCases.Fit(options.With(
            runtime: r => new RuntimeOptions(r)
            {
                Cancellation = cancellation.Token,
                Progress = new Listener(p =>
                {
                    if (p is TrainingProgress.BatchDone done && (done.Epoch, done.Batch) == (epoch, batch))
                        cancellation.Cancel();
                }),
            })));
    }
}
