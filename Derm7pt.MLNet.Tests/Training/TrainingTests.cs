using TorchSharp;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class TrainingTests
{
    [TestMethod]
    public void Fit_SameSeed_GivesTheSameWeights()
    {
        using Derm7ptMultiTaskTransformer first = TinyCases.Fit(TinyCases.Options());
        using Derm7ptMultiTaskTransformer second = TinyCases.Fit(TinyCases.Options());

        TinyCases.AreSameWeights(first, second);
        Assert.AreEqual(TinyCases.Measured(first.History), TinyCases.Measured(second.History));
    }

    [TestMethod]
    public void Fit_OtherSeed_GivesOtherWeights()
    {
        using Derm7ptMultiTaskTransformer first = TinyCases.Fit(TinyCases.Options());
        using Derm7ptMultiTaskTransformer second = TinyCases.Fit(TinyCases.Options().With(training: t => new TrainingOptions(t) { Seed = 2 }));

        Assert.HasCount(first.Model.Members[0].State.Count, TinyCases.DifferentTensors(first, second));
    }

    [TestMethod]
    [DataRow(GateMode.Learned)]
    [DataRow(GateMode.Closed)]
    public void Fit_LearnableCases_LowersTheTrainingLoss(GateMode gates)
    {
        using Derm7ptMultiTaskTransformer model = TinyCases.Fit(
            TinyCases.Options(maximumEpochs: 30).With(
                network: n => new NetworkOptions(n) { FiltersPerBlock = [2, 4], Gates = gates, Dropout = 0 },
                training: t => new TrainingOptions(t) { Augmentation = null }));

        Assert.HasCount(30, model.History.Epochs);
        Assert.IsLessThan(0.7 * model.History.Epochs[0].TrainingLoss, model.History.Epochs[^1].TrainingLoss);
    }

    [TestMethod]
    [DataRow(GateMode.Learned)]
    [DataRow(GateMode.Closed)]
    public void Fit_Done_LeavesNoTensor(GateMode gates)
    {
        using var folder = new TemporaryFolder();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        using Derm7ptMultiTaskTransformer first = TinyCases.Fit(
            TinyCases.Options(2).With(network: n => new NetworkOptions(n) { Gates = gates }, runtime: r => new RuntimeOptions(r) { CheckpointPath = folder.File("run.ckpt") }));
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        using Derm7ptMultiTaskTransformer resumed = TinyCases.Fit(
            new Derm7ptMultiTaskEstimator.Options(TinyCases.Options(4)) { InitialModel = first }.With(
                network: n => new NetworkOptions(n) { Gates = gates },
                training: t => new TrainingOptions(t) { GateL1Regularization = 1e-3 }));
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Fit_CancelledMidway_LeavesNoTensor()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Assert.ThrowsExactly<OperationCanceledException>(() => TinyCases.Fit(TinyCases.Options().With(
            runtime: r => new RuntimeOptions(r)
            {
                CheckpointPath = folder.File("run.ckpt"),
                Cancellation = cancellation.Token,
                Progress = new Listener(p => { if (p is TrainingProgress.BatchDone { Epoch: 2 }) cancellation.Cancel(); }),
            })));

        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Fit_Cancelled_StopsBeforeTheNextMiniBatch()
    {
        using var cancellation = new CancellationTokenSource();
        int batches = 0;

        OperationCanceledException e = Assert.ThrowsExactly<OperationCanceledException>(() => TinyCases.Fit(TinyCases.Options().With(
            runtime: r => new RuntimeOptions(r)
            {
                Cancellation = cancellation.Token,
                Progress = new Listener(p =>
                {
                    batches += p is TrainingProgress.BatchDone ? 1 : 0;
                    if (batches == 3)
                        cancellation.Cancel();
                }),
            })));

        Assert.AreEqual(3, batches);
        Assert.AreEqual(cancellation.Token, e.CancellationToken);
    }

    [TestMethod]
    public void Fit_NothingImproves_StopsAfterPatience()
    {
        // The learning rate is too small to change a weight, so only the running statistics change, and the macro F1 is best in an early epoch.
        using Derm7ptMultiTaskTransformer model = TinyCases.Fit(
            TinyCases.Options(maximumEpochs: 200).With(training: t => new TrainingOptions(t) { LearningRate = 1e-12, GateLearningRate = 1e-12, Patience = 5 }));

        Assert.HasCount(model.History.BestEpoch + 5, model.History.Epochs);
    }
}
