using Derm7pt.MLNet.Training.Sampling;

namespace Derm7pt.MLNet.Tests.Training.Sampling;

[TestClass]
public sealed class EpochSamplerTests
{
    [TestMethod]
    [DataRow(13, 4, 4)]
    [DataRow(12, 4, 3)]
    [DataRow(25, 24, 2)]
    [DataRow(3, 10, 1)]
    [DataRow(1, 1, 1)]
    public void Draw_Epoch_HasEveryCaseOnceInBatchesOfAlmostOneSize(int cases, int batchSize, int batches)
    {
        var sampler = new EpochSampler(cases, batchSize, seed: 2);
        Assert.AreEqual(batches, sampler.BatchesPerEpoch);
        for (int epoch = 0; epoch < 5; epoch++)
        {
            int[][] drawn = [.. Enumerable.Range(0, batches).Select(batch => sampler.Draw(epoch, batch))];

            CollectionAssert.AreEqual(Enumerable.Range(0, cases).ToArray(), drawn.SelectMany(batch => batch).Order().ToArray());
            Assert.IsLessThanOrEqualTo(batchSize, drawn.Max(batch => batch.Length));
            Assert.IsLessThanOrEqualTo(1, drawn.Max(batch => batch.Length) - drawn.Min(batch => batch.Length));
        }
    }

    [TestMethod]
    public void Draw_EpochsAndSeeds_HaveOrdersOfTheirOwn()
    {
        int[] order = new EpochSampler(100, 100, seed: 2).Draw(0, 0);

        CollectionAssert.AreEqual(order, new EpochSampler(100, 100, seed: 2).Draw(0, 0));
        CollectionAssert.AreNotEqual(order, new EpochSampler(100, 100, seed: 2).Draw(1, 0));
        CollectionAssert.AreNotEqual(order, new EpochSampler(100, 100, seed: 3).Draw(0, 0));
    }

    // With a fixed order, the same cases would always be in one mini-batch.
    [TestMethod]
    public void Draw_DifferentEpochs_PutsCasesTogetherWithOthers() => CollectionAssert.AreNotEqual(
        new EpochSampler(40, 8, seed: 2).Draw(0, 0).Order().ToArray(), new EpochSampler(40, 8, seed: 2).Draw(1, 0).Order().ToArray());

    [TestMethod]
    [DataRow(null, 3)] // 60 cases, and 24 labels: the third mini-batch reaches the number of cases.
    [DataRow(13, 13)]
    public void Fit_Balanced_HasTheMiniBatchesPerEpochOfTheOptions(int? asked, int expected)
    {
        Derm7ptMultiTaskEstimator.Options options = TinyCases.Options(1).With(training: t => new TrainingOptions(t) { BatchesPerEpoch = asked });
        Microsoft.ML.IDataView view = TinyCases.View(60);
        int batches = 0;

        using Derm7ptMultiTaskTransformer model = TinyCases.Fit(
            options.With(runtime: r => new RuntimeOptions(r)
            {
                Progress = new Listener(p =>
                {
                    if (p is TrainingProgress.BatchDone done)
                        (batches, _) = (batches + 1, done.BatchesPerEpoch == expected ? 0 : throw new InvalidOperationException());
                }),
            }),
            TinyCases.Ml.Transforms.Derm7ptBalancedSampling(1).Fit(view).Transform(view));

        Assert.AreEqual(expected, batches);
    }
}
