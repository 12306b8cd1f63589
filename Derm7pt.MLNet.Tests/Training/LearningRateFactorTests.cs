using Derm7pt.MLNet.Training;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class LearningRateFactorTests
{
    private const int Batches = 4;

    [TestMethod]
    public void At_Defaults_IsAlwaysOne() =>
        Assert.IsTrue(Factors(new TrainingOptions { MaximumEpochs = 5 }).All(factor => factor == 1));

    // 1.5 epochs are 6 mini-batches.
    [TestMethod]
    public void At_WarmUp_RisesLinearlyToOne()
    {
        double[] factors = Factors(new TrainingOptions { MaximumEpochs = 3, WarmUpEpochs = 1.5 });

        double[] expected = [1 / 6.0, 2 / 6.0, 3 / 6.0, 4 / 6.0, 5 / 6.0, 1, 1, 1, 1, 1, 1, 1];
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], factors[i], 1e-12, $"step {i}");
    }

    // After one epoch of warm-up 8 mini-batches remain: ½·(1 + cos(π·i/8)) by the half-angle formulas.
    [TestMethod]
    public void At_CosineAfterWarmUp_FallsTowardsZero()
    {
        double[] factors = Factors(new TrainingOptions { MaximumEpochs = 3, WarmUpEpochs = 1, LearningRateSchedule = LearningRateSchedule.Cosine });

        double r = Math.Sqrt(0.5), c = Math.Sqrt((1 + r) / 2), s = Math.Sqrt((1 - r) / 2);
        double[] expected =
            [0.25, 0.5, 0.75, 1, 1, (1 + c) / 2, (1 + r) / 2, (1 + s) / 2, 0.5, (1 - s) / 2, (1 - r) / 2, (1 - c) / 2];
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], factors[i], 1e-12, $"step {i}");
    }

    // Improvements in epochs 1, 2 and 8. Two bad epochs in a row, 3 and 4, lower the rate after epoch 4; the count starts again,
    // so that 5 and 6 lower it again; 7 is one alone, 9 and 10 lower it again.
    [TestMethod]
    public void At_Plateau_FallsAfterEveryRunOfEpochsWithoutImprovement()
    {
        var options = new TrainingOptions
        {
            LearningRateSchedule = LearningRateSchedule.Plateau,
            PlateauFactor = 0.5,
            PlateauPatience = 2,
            EarlyStoppingMetric = EarlyStoppingMetric.ValidationLoss,
        };
        double[] losses = [5, 4, 4, 6, double.NaN, 4.5, 5, 3, 3, 3];
        EpochMetrics[] epochs = [.. losses.Select((loss, i) => Epoch(i + 1, new ValidationMetrics(loss, [], [], [])))];

        double[] factors = [.. Enumerable.Range(0, losses.Length + 1).Select(done => LearningRateFactor.At(options, epochs[..done], 1, Batches))];

        CollectionAssert.AreEqual(new[] { 1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125 }, factors);
    }

    [TestMethod]
    public void At_PlateauOfMacroF1_WatchesTheMean()
    {
        var options = new TrainingOptions { LearningRateSchedule = LearningRateSchedule.Plateau, PlateauFactor = 0.5, PlateauPatience = 1 };
        EpochMetrics[] epochs = [Epoch(1, new ValidationMetrics(1, [], [0.5, 0.7], [])), Epoch(2, new ValidationMetrics(0.5, [], [0.6, 0.5], []))];

        Assert.AreEqual(0.5, LearningRateFactor.At(options, epochs, 0, Batches));
    }

    private static double[] Factors(TrainingOptions options) =>
    [
        .. from epoch in Enumerable.Range(0, options.MaximumEpochs)
           let done = Enumerable.Range(1, epoch).Select(number => Epoch(number, null)).ToArray()
           from batch in Enumerable.Range(0, Batches)
           select LearningRateFactor.At(options, done, batch, Batches),
    ];

    private static EpochMetrics Epoch(int number, ValidationMetrics? validation) => new(number, 1, validation, [], TimeSpan.Zero);
}
