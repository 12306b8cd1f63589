namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class TrainingOptionsTests
{
    public static IEnumerable<object[]> Invalid() =>
    [
        [new TrainingOptions { WeightDecay = -1 }, "WeightDecay must be 0 or more, got -1."],
        [new TrainingOptions { WeightDecay = double.PositiveInfinity }, "WeightDecay must be 0 or more, got Infinity."],
        [new TrainingOptions { WeightDecay = 10, EncoderLearningRate = 0.1 }, "WeightDecay must be less than 1 / (learning rate), got 10."],
        [new TrainingOptions { EncoderLearningRate = 0 }, "EncoderLearningRate must be positive, got 0."],
        [new TrainingOptions { EncoderLearningRate = double.NaN }, "EncoderLearningRate must be positive, got NaN."],
        [new TrainingOptions { LearningRateSchedule = (LearningRateSchedule)7 }, "LearningRateSchedule must be Constant, Cosine or Plateau, got 7."],
        [new TrainingOptions { WarmUpEpochs = -0.5 }, "WarmUpEpochs must be 0 or more, got -0.5."],
        [new TrainingOptions { WarmUpEpochs = 5, MaximumEpochs = 5 }, "WarmUpEpochs must be less than MaximumEpochs, got 5."],
        [new TrainingOptions { PlateauFactor = 1 }, "PlateauFactor must be between 0 and 1, got 1."],
        [new TrainingOptions { PlateauFactor = double.NaN }, "PlateauFactor must be between 0 and 1, got NaN."],
        [new TrainingOptions { PlateauPatience = 0 }, "PlateauPatience must be positive, got 0."],
        [
            new TrainingOptions { LearningRateSchedule = LearningRateSchedule.Plateau, PlateauPatience = 4, Patience = 4 },
            "PlateauPatience must be less than Patience, got 4.",
        ],
    ];

    [TestMethod]
    [DynamicData(nameof(Invalid))]
    public void Problems_ValueOutOfRange_IsNamedAlone(TrainingOptions options, string expected) =>
        CollectionAssert.AreEqual(new[] { expected }, options.Problems().ToArray());

    [TestMethod]
    public void Problems_Defaults_AreNone() => Assert.IsEmpty(new TrainingOptions().Problems());

    [TestMethod]
    public void Problems_PlateauWithoutValidation_IsNamed()
    {
        Derm7ptMultiTaskEstimator.Options options = new()
        {
            Training = new TrainingOptions { LearningRateSchedule = LearningRateSchedule.Plateau, ValidationFraction = 0 },
        };

        Assert.AreEqual(
            "Training.LearningRateSchedule Plateau needs validation cases: Training.ValidationFraction must not be 0 without a Data.ValidationSet.",
            options.Problems().Single());
        Assert.IsEmpty(options.With(data: d => d with { ValidationSet = TinyCases.View(5) }).Problems());
    }

    // A share of 2 % of 20 cases is none.
    [TestMethod]
    public void Fit_PlateauAndNoValidationCaseDrawn_SaysSo()
    {
        Derm7ptMultiTaskEstimator.Options options = TinyCases.Options(2).With(
            training: t => t with { LearningRateSchedule = LearningRateSchedule.Plateau, ValidationFraction = 0.02 },
            data: d => d with { ValidationSet = null });

        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => TinyCases.Fit(options, TinyCases.View(20))).Message, "no validation cases");
    }
}
