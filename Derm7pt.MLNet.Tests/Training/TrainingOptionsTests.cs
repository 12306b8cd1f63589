namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class TrainingOptionsTests
{
    public static IEnumerable<object[]> Invalid() =>
    [
        [new TrainingOptions { WeightDecay = -1 }, "WeightDecay must be 0 or more, got -1."],
        [new TrainingOptions { WeightDecay = double.PositiveInfinity }, "WeightDecay must be 0 or more and finite, got Infinity."],
        [new TrainingOptions { WeightDecay = 10, EncoderLearningRate = 0.1 }, "WeightDecay must be less than 1 / (learning rate), got 10."],
        [new TrainingOptions { EncoderLearningRate = 0 }, "EncoderLearningRate must be positive, got 0."],
        [new TrainingOptions { EncoderLearningRate = double.NaN }, "EncoderLearningRate must be positive, got NaN."],
        [new TrainingOptions { LearningRateSchedule = (LearningRateSchedule)7 }, "LearningRateSchedule must be Constant, Cosine or Plateau, got 7."],
        [new TrainingOptions { WarmUpEpochs = -0.5 }, "WarmUpEpochs must be 0 or more, got -0.5."],
        [new TrainingOptions { WarmUpEpochs = 5, MaximumEpochs = 5 }, "WarmUpEpochs must be less than MaximumEpochs, got 5."],
        [new TrainingOptions { PlateauFactor = 1 }, "PlateauFactor must be between 0 and 1, got 1."],
        [new TrainingOptions { PlateauFactor = double.NaN }, "PlateauFactor must be between 0 and 1, got NaN."],
        [new TrainingOptions { BatchesPerEpoch = 0 }, "BatchesPerEpoch must be positive, got 0."],
        [new TrainingOptions { LabelSmoothing = 1 }, "LabelSmoothing must be in [0, 1), got 1."],
        [new TrainingOptions { LabelSmoothing = double.NaN }, "LabelSmoothing must be in [0, 1), got NaN."],
        [new TrainingOptions { ClassWeightExponent = -0.1 }, "ClassWeightExponent must be in [0, 1], got -0.1."],
        [new TrainingOptions { ClassWeightExponent = 1.1 }, "ClassWeightExponent must be in [0, 1], got 1.1."],
        [new TrainingOptions { LossCombination = (LossCombination)2 }, "LossCombination must be Sum or Mean, got 2."],
        [Augmented(a => new AugmentationOptions(a) { CropShareMinimum = 0 }), "Augmentation.CropShareMinimum must be above 0 and at most 1, got 0."],
        [
            Augmented(a => new AugmentationOptions(a) { CropShareMinimum = 0.9, CropShareMaximum = 0.8 }),
            "Augmentation.CropShareMaximum must be from CropShareMinimum to 1, got 0.8.",
        ],
        [Augmented(a => new AugmentationOptions(a) { CropShareMaximum = 1.1 }), "Augmentation.CropShareMaximum must be from CropShareMinimum to 1, got 1.1."],
        [Augmented(a => new AugmentationOptions(a) { CropShareMaximum = double.NaN }), "Augmentation.CropShareMaximum must be from CropShareMinimum to 1, got NaN."],
        [Augmented(a => new AugmentationOptions(a) { OutputHeight = 0 }), "Augmentation.OutputHeight must be from 1 to 8192, got 0."],
        [Augmented(a => new AugmentationOptions(a) { OutputWidth = 9000 }), "Augmentation.OutputWidth must be from 1 to 8192, got 9000."],
        [Augmented(a => new AugmentationOptions(a) { BrightnessFraction = 1 }), "Augmentation.BrightnessFraction must be in [0, 1), got 1."],
        [Augmented(a => new AugmentationOptions(a) { ContrastFraction = -0.1 }), "Augmentation.ContrastFraction must be in [0, 1), got -0.1."],
        [Augmented(a => new AugmentationOptions(a) { MixupAlpha = double.NaN }), "Augmentation.MixupAlpha must be 0 or more, got NaN."],
        [new TrainingOptions { FeatureViews = 0 }, "FeatureViews must be from 1 to 64, or null, got 0."],
        [new TrainingOptions { FeatureViews = 65 }, "FeatureViews must be from 1 to 64, or null, got 65."],
        [new TrainingOptions { AverageDecay = 1 }, "AverageDecay must be in [0, 1), got 1."],
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
    public void Problems_OutputTooSmallForTheNetwork_NamesTheSmallestExtent()
    {
        Derm7ptMultiTaskEstimator.Options options = TinyCases.Options();
        int minimum = options.Network.CreateNetwork(Taxonomy.Derm7pt.Tasks.Select(task => task.Labels.Count), encoder: null).MinimumImageExtent;
        Derm7ptMultiTaskEstimator.Options Sized(int height, int width) => options.With(
            training: t => new TrainingOptions(t) { Augmentation = new AugmentationOptions { OutputHeight = height, OutputWidth = width } });

        _ = TinyCases.Ml.Transforms.Derm7ptMultiTask(Sized(minimum, minimum));
        string[] problems = Assert.ThrowsExactly<ArgumentException>(
            () => TinyCases.Ml.Transforms.Derm7ptMultiTask(Sized(minimum - 1, 1))).Message.Split(Environment.NewLine);
        Assert.HasCount(2, problems);
        StringAssert.StartsWith(problems[0], $"Training.Augmentation.OutputHeight must be at least {minimum}, ");
        StringAssert.StartsWith(problems[1], $"Training.Augmentation.OutputWidth must be at least {minimum}, ");
    }

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
        Assert.IsEmpty(options.With(data: d => new DataOptions(d) { ValidationSet = TinyCases.View(5) }).Problems());
    }

    private static TrainingOptions Augmented(Func<AugmentationOptions, AugmentationOptions> change) => new() { Augmentation = change(new AugmentationOptions()) };

    // A share of 2 % of 20 cases is none.
    [TestMethod]
    public void Fit_PlateauAndNoValidationCaseDrawn_SaysSo()
    {
        Derm7ptMultiTaskEstimator.Options options = TinyCases.Options(2).With(
            training: t => new TrainingOptions(t) { LearningRateSchedule = LearningRateSchedule.Plateau, ValidationFraction = 0.02 },
            data: d => new DataOptions(d) { ValidationSet = null });

        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => TinyCases.Fit(options, TinyCases.View(20))).Message, "no validation cases");
    }
}
