using System.Globalization;
using System.Reflection;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class TrainingRecipeTests
{
    private const string EpochsPath = "Training.MaximumEpochs";

    private static readonly Lazy<LabelledImages> Images = new(
        () => LabelledImages.Read(TinyCases.View(5), "Image", Taxonomy.Derm7pt, DataRoles.Training, 1 << 20, null, CancellationToken.None));

    /// <summary>Gets every property of a recipe, by reflection, so that none is omitted.</summary>
    public static IEnumerable<object[]> Properties() =>
        from type in new[] { typeof(NetworkOptions), typeof(TrainingOptions), typeof(AugmentationOptions) }
        from property in type.GetProperties()
        select new object[] { type.Name, property.Name };

    [TestMethod]
    [DynamicData(nameof(Properties))]
    public void Json_AnyPropertyChanged_SurvivesAndIsPartOfTheRunsIdentity(string type, string property)
    {
        // A smaller minimum than the default leaves room for changes of the maximum.
        var recipe = new TrainingRecipe { Training = new TrainingOptions { Augmentation = new AugmentationOptions { CropShareMinimum = 0.25 } } };
        (TrainingRecipe changed, string path) = type switch
        {
            nameof(NetworkOptions) => (new TrainingRecipe { Network = Change(new NetworkOptions(), property), Training = recipe.Training }, "Network"),
            nameof(TrainingOptions) => (new TrainingRecipe { Training = Change(new TrainingOptions(recipe.Training), property) }, "Training"),
            _ => (new TrainingRecipe
            {
                Training = new TrainingOptions { Augmentation = Change(new AugmentationOptions(recipe.Training.Augmentation!), property) },
            }, "Training.Augmentation"),
        };

        TrainingRecipe read = TrainingRecipe.FromJson(changed.ToJson());

        Assert.AreEqual(changed.ToJson(), read.ToJson());
        string[] described = DifferentEntries(recipe.Describe(), changed.Describe());
        Assert.IsNotEmpty(described);
        Assert.IsTrue(described.All(name => name.StartsWith($"{path}.{property}", StringComparison.Ordinal)), string.Join(", ", described));
        // A longer run passes through the states of a shorter one, unless the learning rates depend on the number of epochs.
        // Views of an image are a matter of scoring.
        IEnumerable<string> identity = described.Where(name => name != EpochsPath && property != nameof(NetworkOptions.TestTimeAugmentation))
            .Concat(property == nameof(TrainingOptions.LearningRateSchedule) ? [EpochsPath] : []);
        CollectionAssert.AreEqual(identity.ToArray(), DifferentEntries(Identity(recipe), Identity(changed)));
    }

    // With this schedule, the learning rates of every epoch depend on the number of epochs.
    [TestMethod]
    public void Identity_CosineSchedule_IncludesTheNumberOfEpochs()
    {
        var recipe = new TrainingRecipe { Training = new TrainingOptions { LearningRateSchedule = LearningRateSchedule.Cosine } };
        var longer = new TrainingRecipe { Training = new TrainingOptions(recipe.Training) { MaximumEpochs = 1000 } };

        CollectionAssert.AreEqual(new[] { EpochsPath }, DifferentEntries(Identity(recipe), Identity(longer)));
    }

    [TestMethod]
    public void FromJson_SomeProperties_LeavesTheOthersAtTheirDefaults()
    {
        var defaults = new TrainingRecipe();

        Assert.AreEqual(defaults.ToJson(), TrainingRecipe.FromJson("{}").ToJson());
        Assert.AreEqual(
            new TrainingRecipe
            {
                Network = new NetworkOptions { FiltersPerBlock = [3, 5], Gates = GateMode.Closed },
                Training = new TrainingOptions { LearningRate = 0.003, Augmentation = new AugmentationOptions { ShearDegrees = 0 } },
            }.ToJson(),
            TrainingRecipe.FromJson("""
                {
                  // A list replaces the default list; an object overrides properties of the default object.
                  "network": { "filtersPerBlock": [3, /* five */ 5,], "gates": "Closed", },
                  "training": { "learningRate": 3e-3, "augmentation": { "shearDegrees": 0, /* none */ }, },
                }
                """).ToJson());
        Assert.IsNull(TrainingRecipe.FromJson("""{"training": {"augmentation": null}}""").Training.Augmentation);
        Assert.AreEqual<Encoder?>(
            new PixelEncoder(), TrainingRecipe.FromJson("""{"network": {"customEncoder": {/* plain */ "kind": "pixels",},},}""").Network.CustomEncoder);
        Assert.IsNull(TrainingRecipe.FromJson("""{"training": {"encoderLearningRate": null}}""").Training.EncoderLearningRate);
        EncoderOptions encoder = TrainingRecipe.FromJson(
            """{"network": {"encoder": {"file": "x.onnx", "normalization": {"scale": 255, "order": "Bgr"}}}}""").Network.Encoder!;
        Assert.AreEqual(
            ("x.onnx", 255.0, ChannelOrder.Bgr), (encoder.File, encoder.Normalization.Scale, encoder.Normalization.Order));
        Assert.AreSequenceEqual(PixelNormalization.ImageNet.Mean, encoder.Normalization.Mean);
    }

    [TestMethod]
    [DataRow("""{"training": {"learnRate": 1}}""", "'training.learnRate' is unknown; expected one of batchSize, batchesPerEpoch")]
    [DataRow("""{"Training": {}}""", "'Training' is unknown; expected one of network, training")]
    [DataRow("""{"training": {"augmentation": {"zoom": 1}}}""", "'training.augmentation.zoom' is unknown")]
    [DataRow("""{"training": {"seed": 1, "seed": 2}}""", "'training.seed' occurs twice")]
    [DataRow("""{"network": {}, "network": {}}""", "'network' occurs twice")]
    [DataRow("""{"training": {"learningRate": "fast"}}""", "'training.learningRate' must be a number, got \"fast\"")]
    [DataRow("""{"training": {"batchSize": 1.5}}""", "'training.batchSize' must be a whole number, got 1.5")]
    [DataRow("""{"training": {"batchSize": 99999999999}}""", "'training.batchSize' must be a whole number, got 99999999999")]
    [DataRow("""{"training": {"batchSize": null}}""", "'training.batchSize' must be a whole number, got null")]
    [DataRow("""{"training": null}""", "'training' must be an object, got null")]
    [DataRow("""{"network": {"gates": "closed"}}""", "'network.gates' must be one of Learned, Closed, got \"closed\"")]
    [DataRow("""{"network": {"gates": "Learned, Closed"}}""", "'network.gates' must be one of Learned, Closed")]
    [DataRow("""{"network": {"gates": 1}}""", "'network.gates' must be one of Learned, Closed, got 1")]
    [DataRow("""{"network": {"filtersPerBlock": 4}}""", "'network.filtersPerBlock' must be a list of whole numbers, got 4")]
    [DataRow("""{"network": {"filtersPerBlock": [1, null]}}""", "'network.filtersPerBlock' must be a list of whole numbers, got [1, null]")]
    [DataRow("""{"training": {"augmentation": {"verticalFlip": 1}}}""", "'training.augmentation.verticalFlip' must be true or false, got 1")]
    [DataRow("""{"network": {"customEncoder": {"kind": "none"}}}""", "the property 'network.customEncoder' cannot be read: the encoder 'none' is unknown")]
    [DataRow("""{"training": {"encoderLearningRate": "slow"}}""", "'training.encoderLearningRate' must be a number or null, got \"slow\"")]
    [DataRow("[1]", "it must be an object, got [1]")]
    [DataRow("null", "it must be an object, got null")]
    [DataRow("", "not valid JSON")]
    [DataRow("""{"training": {""", "not valid JSON")]
    [DataRow("""{"network": {"gates": "\ud800"}}""", "'network.gates' has a text that is not valid")]
    [DataRow("""{"network": {"encoder": {"file": "\ud800"}}}""", "'network.encoder.file' has a text that is not valid")]
    [DataRow("""{"network": {"sharing": {"kind": "gates", "\udc00": 1}}}""", "'network.sharing' has a text that is not valid")]
    [DataRow("""{"training": {"learningRate": "\ud800"}}""", "'training.learningRate' has a text that is not valid")]
    [DataRow("""{"training": {"\ud800": 1}}""", "the property 'training' has a property whose name is no valid text")]
    [DataRow("""{"\ud800": 1}""", "it has a property whose name is no valid text")]
    [DataRow("""{"training": {"seed": 1,, }}""", "it is not valid JSON, line 1, byte 25: ")]
    [DataRow("""{"training": {"learningRate": 1e999}}""", "Training.LearningRate must be positive and finite, got Infinity.")]
    [DataRow("""{"training": {"l2Regularization": 1e999}}""", "Training.L2Regularization must be 0 or more and finite, got Infinity.")]
    [DataRow("""{"training": {"focusingParameter": 1e999}}""", "Training.FocusingParameter must be finite, got Infinity.")]
    public void FromJson_NoRecipe_NamesTheProperty(string json, string expected)
    {
        string message = Assert.ThrowsExactly<FormatException>(() => TrainingRecipe.FromJson(json)).Message;

        StringAssert.StartsWith(message, "Recipe: ");
        StringAssert.Contains(message, expected);
    }

    // An attribute cannot contain this text.
    [TestMethod]
    public void FromJson_HalfOfASurrogatePair_NamesItsPlace() => Assert.AreEqual(
        "Recipe: it is not valid JSON: character 15 is half of a surrogate pair.",
        Assert.ThrowsExactly<FormatException>(() => TrainingRecipe.FromJson("{\"training\": \"\ud800\"}")).Message);

    [TestMethod]
    public void Json_ValuesOutOfRange_AreAllNamed()
    {
        string[] expected =
        [
            "Network.FiltersPerBlock must hold 1 to 16 positive numbers, got [].", "Training.Patience must be positive, got -3.",
            "Training.Augmentation.ZoomFraction must be in [0, 1), got 1.5.",
        ];

        string read = Assert.ThrowsExactly<FormatException>(() => TrainingRecipe.FromJson(
            """{"network": {"filtersPerBlock": []}, "training": {"patience": -3, "augmentation": {"zoomFraction": 1.5}}}""")).Message;
        string written = Assert.ThrowsExactly<ArgumentException>(() => new TrainingRecipe
        {
            Network = new NetworkOptions { FiltersPerBlock = null! },
            Training = new TrainingOptions { Patience = -3, Augmentation = new AugmentationOptions { ZoomFraction = 1.5 } },
        }.ToJson()).Message;

        foreach (string problem in expected)
        {
            StringAssert.Contains(read, problem);
            StringAssert.Contains(written, problem);
        }
    }

    [TestMethod]
    public void Messages_CultureWithADecimalComma_HaveADecimalPoint()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NegativeSign) = (",", "−");
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        try
        {
            Assert.AreEqual("0.001", new TrainingRecipe().Describe()["Training.LearningRate"]);
            var options = new Derm7ptMultiTaskEstimator.Options { Training = new TrainingOptions { LearningRate = -0.5 } };
            Assert.AreEqual("Training.LearningRate must be positive, got -0.5.", options.Problems().Single());
            var evaluation = new MultiTaskEvaluation.Options { MelanomaThreshold = 1.5 };
            Assert.AreEqual("MelanomaThreshold must be in [0, 1], got 1.5.", evaluation.Problems().Single());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    public void FiltersPerBlock_ListChangedLater_KeepsItsNumbers()
    {
        int[] filters = [1, 2];
        var network = new NetworkOptions { FiltersPerBlock = filters };

        filters[0] = 9;

        CollectionAssert.AreEqual(new[] { 1, 2 }, network.FiltersPerBlock.ToArray());
    }

    [TestMethod]
    public void Options_GroupsMissing_AreNamed()
    {
        var options = new Derm7ptMultiTaskEstimator.Options { Taxonomy = null!, Network = null!, Training = null!, Data = null!, Runtime = null! };

        CollectionAssert.AreEqual(
            new[] { "Taxonomy", "Network", "Training", "Data", "Runtime" }.Select(name => $"{name} must not be null.").ToArray(),
            options.Problems().ToArray());
    }

    private static IReadOnlyDictionary<string, string> Identity(TrainingRecipe recipe) =>
        RunIdentity.Create(Taxonomy.Derm7pt, recipe, "sampling", Images.Value, validation: null, initial: null, processor: null).Entries;

    private static string[] DifferentEntries(IReadOnlyDictionary<string, string> first, IReadOnlyDictionary<string, string> second) =>
        [.. first.Keys.Union(second.Keys).Where(name => first.GetValueOrDefault(name) != second.GetValueOrDefault(name)).Order()];

    private static T Change<T>(T options, string name)
        where T : notnull
    {
        PropertyInfo property = typeof(T).GetProperty(name)!;
        property.SetValue(options, property.GetValue(options) switch
        {
            null when property.PropertyType == typeof(double?) => 0.5,
            null when property.PropertyType == typeof(int?) => 64,
            int value => value + 1,
            double value => value == 0 ? 0.5 : value / 2,
            bool value => !value,
            Enum value => Enum.GetValues(value.GetType()).Cast<object>().First(other => !other.Equals(value)),
            IReadOnlyList<int> => new[] { 3, 5 },
            AugmentationOptions => null,
            null when property.PropertyType == typeof(EncoderOptions) => new EncoderOptions { File = "extractor.onnx", Stage = 2 },
            var value => throw new NotSupportedException($"Add how to change a {value?.GetType()}."),
        });
        return options;
    }
}
