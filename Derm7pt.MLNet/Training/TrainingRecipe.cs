using System.Text.Json;
using System.Text.Json.Nodes;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Training;

namespace Derm7pt.MLNet;

/// <summary>
/// The options that, together with the data, decide the weights of a model. A recipe is written to a file and read back, and a
/// trained model carries its own.
/// </summary>
/// <remarks>
/// It contains no tasks, which are described by a <see cref="Taxonomy"/>, and nothing of stages before the network, such as the
/// size of images or balanced sampling.
/// </remarks>
public sealed class TrainingRecipe
{
    /// <summary>The network.</summary>
    public NetworkOptions Network { get; init; } = new();

    /// <summary>The options of the training.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>
    /// Creates a recipe for some hundred labeled images: a ResNet-18 that was trained on ImageNet, through its third stage, with two blocks
    /// and gates on its features, all of it trained for 14 epochs.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The application needs the package Microsoft.ML.DnnImageFeaturizer.ResNet18. The image column should hold 384×256 pixels, of which the
    /// network cuts a border of 12 and resizes the rest to 224×224. Without the balanced sampling stage every case is used once per epoch.
    /// </para>
    /// <para>
    /// The recipe uses AdamW with a separate learning rate for the encoder, one epoch of warm-up and a cosine schedule; cross-entropy with label smoothing
    /// and weights (1 / frequency)^½ of the labels, averaged over the tasks; random crops, flips, quarter turns and tones; the model is a
    /// moving average of the weights.
    /// </para>
    /// </remarks>
    public static TrainingRecipe Pretrained() => new()
    {
        Network = new NetworkOptions
        {
            Encoder = EncoderOptions.ResNet18(),
            FiltersPerBlock = [32, 32],
            BorderPixels = 12,
            InputSize = 224,
        },
        Training = new TrainingOptions
        {
            BatchSize = 24,
            BatchesPerEpoch = null,
            MaximumEpochs = 14,
            Patience = 14,
            LearningRate = 1e-3,
            EncoderLearningRate = 2e-4,
            GateLearningRate = 3e-2,
            LearningRateSchedule = LearningRateSchedule.Cosine,
            WarmUpEpochs = 1,
            WeightDecay = 0.05,
            L2Regularization = 0,
            AverageDecay = 0.99,
            FocusingParameter = 0,
            LabelSmoothing = 0.05,
            ClassWeightExponent = 0.5,
            LossCombination = LossCombination.Mean,
            Augmentation = new AugmentationOptions
            {
                RotationDegrees = 0,
                ShiftFraction = 0,
                ZoomFraction = 0,
                ShearDegrees = 0,
                QuarterTurns = true,
                CropShareMinimum = 0.75,
                BrightnessFraction = 0.1,
                ContrastFraction = 0.1,
            },
        },
    };

    /// <summary>Reads a recipe from JSON.</summary>
    /// <param name="json">
    /// The text: an object with the properties of this class in camelCase, for example
    /// <c>{"network": {"gates": "Closed"}, "training": {"learningRate": 0.003}}</c>. Properties that are left out have their default.
    /// Comments, and a comma behind the last entry, are allowed.
    /// </param>
    /// <exception cref="FormatException">
    /// The text is not JSON, a property is unknown, occurs twice or has a value of the wrong kind, which the message names by its
    /// path, or values are out of their ranges, all of which it names.
    /// </exception>
    public static TrainingRecipe FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return RecipeJson.Read(json);
    }

    /// <summary>Writes the recipe, all its properties included, as JSON that <see cref="FromJson(string)"/> reads back.</summary>
    /// <exception cref="ArgumentException">Values are out of range; the message names all of them.</exception>
    public string ToJson()
    {
        OptionCheck.ThrowIfAny(Problems());
        return JsonSerializer.Serialize(this, RecipeJson.Default.TrainingRecipe);
    }

    /// <summary>The values by their paths, such as <c>Training.LearningRate</c>, as text that is the same in every culture.</summary>
    public IReadOnlyDictionary<string, string> Describe() =>
        new Dictionary<string, string>(Flatten("", JsonSerializer.SerializeToNode(this, RecipeJson.Default.TrainingRecipe)));

    internal IEnumerable<string> Problems()
    {
        foreach (string problem in OptionCheck.Within(nameof(Network), Network?.Problems())
            .Concat(OptionCheck.Within(nameof(Training), Training?.Problems())))
        {
            yield return problem;
        }

        if (Training is { GateL1Regularization: > 0 } && Network?.Sharing is not (null or IGates))
            yield return $"{nameof(Training)}.{nameof(Training.GateL1Regularization)} must be 0 where the sharing scheme has no gates.";
    }

    private static IEnumerable<KeyValuePair<string, string>> Flatten(string path, JsonNode? node) => node is JsonObject inner
        ? inner.SelectMany(property => Flatten(
            $"{path}{(path.Length == 0 ? "" : ".")}{char.ToUpperInvariant(property.Key[0])}{property.Key[1..]}", property.Value))
        : [new(path, node?.ToJsonString().Trim('"') ?? "none")];
}
