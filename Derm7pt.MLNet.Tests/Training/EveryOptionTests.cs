using Derm7pt.MLNet.Tests.Networks.Encoders;
using Microsoft.ML;

namespace Derm7pt.MLNet.Tests.Training;

/// <summary>Every option of network, training and augmentation, switched on alone: the network still learns, and something else.</summary>
[TestClass]
public sealed class EveryOptionTests
{
    private const int Epochs = 8, Height = 32, Width = 36;

    private static readonly TemporaryFolder Folder = new();
    private static readonly string Extractor = ExtractorFile.Everything().Save(Folder.Path);

    /// <summary>Images that are augmented, but not changed.</summary>
    private static readonly AugmentationOptions Unchanged = new()
    {
        RotationDegrees = 0,
        ShiftFraction = 0,
        ZoomFraction = 0,
        ShearDegrees = 0,
        HorizontalFlip = false,
        VerticalFlip = false,
    };

    // What most changes are compared with.
    private static readonly Change Plain = new();
    private static readonly Change Still = new(training: t => new(t) { Augmentation = Unchanged });
    private static readonly Change FullLength = new(training: t => new(t) { ValidationFraction = 0 }, data: d => new(d) { ValidationSet = null });

    /// <summary>Options whose effect is the end of a training, not the way there, and the test of each.</summary>
    private static readonly Dictionary<string, string> TestedElsewhere = new()
    {
        [nameof(TrainingOptions.Patience)] = nameof(TrainingTests.Fit_NothingImproves_StopsAfterPatience),
        [nameof(TrainingOptions.EarlyStoppingMetric)] = nameof(EarlyStoppingTests),
    };

    private static readonly Dictionary<string, Change> Changes = new()
    {
        ["BatchSize"] = new(training: t => new(t) { BatchSize = 10 }),
        ["BatchesPerEpoch 3"] = new(training: t => new(t) { BatchesPerEpoch = 3 }),
        // 40 cases fill one mini-batch of 30 and a part of another one, which are then two of 20.
        ["BatchesPerEpoch null"] = new(
            training: t => new(t) { BatchSize = 30, BatchesPerEpoch = null }, from: new(training: t => new(t) { BatchSize = 30 })),
        ["MaximumEpochs"] = new(
            training: t => new(t) { ValidationFraction = 0, MaximumEpochs = Epochs + 1 }, data: d => new(d) { ValidationSet = null }, from: FullLength),
        ["LearningRate"] = new(training: t => new(t) { LearningRate = 0.01 }),
        ["GateLearningRate"] = new(training: t => new(t) { GateLearningRate = 0.01 }),
        ["EncoderLearningRate"] = new(network: OnExtractor, training: t => new(t) { EncoderLearningRate = 0.001 }, from: new(network: OnExtractor)),
        ["LearningRateSchedule Constant"] = new(
            training: t => new(t) { LearningRateSchedule = LearningRateSchedule.Constant },
            from: new(training: t => new(t) { LearningRateSchedule = LearningRateSchedule.Cosine })),
        ["LearningRateSchedule Cosine"] = new(training: t => new(t) { LearningRateSchedule = LearningRateSchedule.Cosine }),
        // The mean macro F1 of one case has few values, and cannot rise in every epoch.
        ["LearningRateSchedule Plateau"] = new(training: AtPlateau, data: OneValidationCase, from: new(data: OneValidationCase)),
        ["PlateauFactor"] = new(
            training: t => new(AtPlateau(t)) { PlateauFactor = 0.5 }, data: OneValidationCase, from: new(training: AtPlateau, data: OneValidationCase)),
        ["PlateauPatience"] = new(
            training: t => new(AtPlateau(t)) { PlateauPatience = Epochs }, data: OneValidationCase,
            from: new(training: AtPlateau, data: OneValidationCase)),
        ["WarmUpEpochs"] = new(training: t => new(t) { WarmUpEpochs = 1.5 }),
        ["FocusingParameter"] = new(training: t => new(t) { FocusingParameter = 0 }),
        ["LabelSmoothing"] = new(training: t => new(t) { LabelSmoothing = 0.1 }),
        ["ClassWeightExponent 0"] = new(training: t => new(t) { ClassWeightExponent = 0 }),
        ["ClassWeightExponent 0.5"] = new(training: t => new(t) { ClassWeightExponent = 0.5 }),
        ["ClassWeightExponent 1"] = new(training: t => new(t) { ClassWeightExponent = 1 }),
        ["LossCombination Sum"] = new(
            training: t => new(t) { LossCombination = LossCombination.Sum }, from: new(training: t => new(t) { LossCombination = LossCombination.Mean })),
        ["LossCombination Mean"] = new(training: t => new(t) { LossCombination = LossCombination.Mean }),
        ["L2Regularization"] = new(training: t => new(t) { L2Regularization = 0.01 }),
        ["WeightDecay"] = new(training: t => new(t) { WeightDecay = 0.5 }),
        ["GateL1Regularization"] = new(training: t => new(t) { GateL1Regularization = 0.001 }),
        ["AverageDecay"] = new(training: t => new(t) { AverageDecay = 0.8 }),
        ["Augmentation"] = new(training: t => new(t) { Augmentation = new AugmentationOptions() }),
        ["FeatureViews"] = new(
            network: OnFrozenExtractor, training: t => new(Augmented(t)) { FeatureViews = 1 }, from: new(network: OnFrozenExtractor, training: Augmented)),
        ["ValidationFraction"] = new(
            training: t => new(t) { ValidationFraction = 0.4 }, data: d => new(d) { ValidationSet = null }, from: new(data: d => new(d) { ValidationSet = null })),
        ["Seed"] = new(training: t => new(t) { Seed = 2 }),

        ["RotationDegrees"] = Augment(a => new(a) { RotationDegrees = 60 }),
        ["ShiftFraction"] = Augment(a => new(a) { ShiftFraction = 0.2 }),
        ["ZoomFraction"] = Augment(a => new(a) { ZoomFraction = 0.3 }),
        ["ShearDegrees"] = Augment(a => new(a) { ShearDegrees = 20 }),
        ["HorizontalFlip"] = Augment(a => new(a) { HorizontalFlip = true }),
        ["VerticalFlip"] = Augment(a => new(a) { VerticalFlip = true }),
        ["CropShareMinimum"] = Augment(a => new(a) { CropShareMinimum = 0.5 }),
        ["CropShareMaximum"] = Augment(a => new(a) { CropShareMinimum = 0.5, CropShareMaximum = 0.6 }, from: Augment(a => new(a) { CropShareMinimum = 0.5 })),
        ["OutputHeight"] = Augment(a => new(a) { OutputHeight = 40 }),
        ["OutputWidth"] = Augment(a => new(a) { OutputWidth = 40 }),
        ["QuarterTurns"] = Augment(a => new(a) { QuarterTurns = true }),
        ["BrightnessFraction"] = Augment(a => new(a) { BrightnessFraction = 0.2 }),
        ["ContrastFraction"] = Augment(a => new(a) { ContrastFraction = 0.2 }),
        ["MixupAlpha"] = Augment(a => new(a) { MixupAlpha = 0.4 }),

        ["FiltersPerBlock"] = new(network: n => new(n) { FiltersPerBlock = [2, 3] }),
        ["WidthMultiplier"] = new(network: n => new(n) { WidthMultiplier = 2 }),
        ["Gates Learned"] = new(network: n => new(n) { Gates = GateMode.Learned }, from: new(network: n => new(n) { Gates = GateMode.Closed })),
        ["Gates Closed"] = new(network: n => new(n) { Gates = GateMode.Closed }),
        ["GateSteepness"] = new(network: n => new(n) { GateSteepness = 1 }),
        ["Dropout"] = new(network: n => new(n) { Dropout = 0.2 }),
        ["Encoder"] = new(network: OnExtractor),
        ["BorderPixels"] = new(network: n => new(n) { BorderPixels = 3 }),
        ["InputSize"] = new(network: n => new(n) { InputSize = 40 }),
        ["ImageRegion Whole"] = new(
            network: n => new(n) { ImageRegion = ImageRegion.Whole }, from: new(network: n => new(n) { ImageRegion = ImageRegion.CentralSquare })),
        ["ImageRegion CentralSquare"] = new(network: n => new(n) { ImageRegion = ImageRegion.CentralSquare }),
        ["TestTimeAugmentation"] = new(network: n => new(n) { TestTimeAugmentation = true }),
        ["BorderPixels, InputSize, ImageRegion and crops"] = new(
            network: n => new(n) { BorderPixels = 2, InputSize = 32, ImageRegion = ImageRegion.CentralSquare },
            training: t => new(t) { Augmentation = new(Unchanged) { CropShareMinimum = 0.6, QuarterTurns = true } }),
    };

    public static IEnumerable<object[]> Names => Changes.Keys.Select(name => new object[] { name });

    [ClassCleanup]
    public static void Delete() => Folder.Dispose();

    /// <summary>A new option, or a new value of an enumeration, needs a row above.</summary>
    [TestMethod]
    public void Changes_EveryPropertyAndEveryChoice_HaveARow()
    {
        string[] expected =
        [
            .. from type in new[] { typeof(NetworkOptions), typeof(TrainingOptions), typeof(AugmentationOptions) }
               from property in type.GetProperties()
               where !TestedElsewhere.ContainsKey(property.Name)
               from name in property.PropertyType.IsEnum ? Enum.GetNames(property.PropertyType).Select(choice => $"{property.Name} {choice}") : [property.Name]
               select name,
        ];

        string[] missing = [.. expected.Where(name => !Changes.Keys.Any(row => row == name || row.StartsWith(name + " ", StringComparison.Ordinal)))];

        Assert.IsEmpty(missing, string.Join(", ", missing));
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Fit_OneOptionChanged_LearnsAndChangesTheTraining(string name)
    {
        Change change = Changes[name];
        Outcome before = (change.From ?? Plain).Outcome.Value, after = change.Outcome.Value;

        foreach (Outcome outcome in new[] { before, after })
        {
            Assert.IsTrue(outcome.Losses.All(double.IsFinite));
            Assert.IsLessThan(outcome.Losses[0], outcome.Losses[^1], string.Join(", ", outcome.Losses));
        }

        // The model is that of the best epoch, which may precede the first effect of an option; the losses show it then.
        Assert.IsFalse(
            before.Scores.SequenceEqual(after.Scores) && before.Losses.SequenceEqual(after.Losses), "The option changes nothing.");
    }

    private static Change Augment(Func<AugmentationOptions, AugmentationOptions> change, Change? from = null) =>
        new(training: t => new(t) { Augmentation = change(Unchanged) }, from: from ?? Still);

    private static NetworkOptions OnExtractor(NetworkOptions network) =>
        new(network) { Encoder = new EncoderOptions { File = Extractor, Stage = 1 }, FiltersPerBlock = [4, 4], InputSize = 16 };

    private static NetworkOptions OnFrozenExtractor(NetworkOptions network)
    {
        NetworkOptions trained = OnExtractor(network);
        return new NetworkOptions(trained) { Encoder = new EncoderOptions(trained.Encoder!) { TrainedStages = 0 } };
    }

    private static TrainingOptions Augmented(TrainingOptions training) => new(training) { Augmentation = new AugmentationOptions() };

    private static TrainingOptions AtPlateau(TrainingOptions training) =>
        new(training) { LearningRateSchedule = LearningRateSchedule.Plateau, PlateauPatience = 1, PlateauFactor = 0.1 };

    private static DataOptions OneValidationCase(DataOptions data) =>
        new(data) { ValidationSet = TinyCases.View(count: 1, seed: 2, extent: Height, width: Width) };

    private static Outcome Train(Change change)
    {
        IDataView cases = TinyCases.View(extent: Height, width: Width);
        using Derm7ptMultiTaskTransformer model = TinyCases.Fit(
            TinyCases.Options(Epochs).With(
                n => change.Network(new NetworkOptions(n) { Dropout = 0 }),
                t => change.Training(new TrainingOptions(t) { Augmentation = null }),
                d => change.Data(new DataOptions(d) { ValidationSet = TinyCases.View(count: 15, seed: 2, extent: Height, width: Width) })),
            cases);
        return new Outcome(
            [.. model.History.Epochs.Select(epoch => epoch.TrainingLoss)],
            [.. TinyRun.Scores(model.Transform(TinyCases.View(count: 10, seed: 3, extent: Height, width: Width))).SelectMany(row => row)]);
    }

    /// <param name="Losses">The training loss of every epoch.</param>
    /// <param name="Scores">The scores of other cases.</param>
    private sealed record Outcome(double[] Losses, float[] Scores);

    /// <summary>What is changed of the plain options, and what it is compared with; the plain options where null.</summary>
    private sealed class Change(
        Func<NetworkOptions, NetworkOptions>? network = null, Func<TrainingOptions, TrainingOptions>? training = null,
        Func<DataOptions, DataOptions>? data = null, Change? from = null)
    {
        public Func<NetworkOptions, NetworkOptions> Network { get; } = network ?? (options => options);

        public Func<TrainingOptions, TrainingOptions> Training { get; } = training ?? (options => options);

        public Func<DataOptions, DataOptions> Data { get; } = data ?? (options => options);

        public Change? From { get; } = from;

        public Lazy<Outcome> Outcome => field ??= new Lazy<Outcome>(() => Train(this));
    }
}
