using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Training;

/// <summary>The JSON form of a <see cref="TrainingRecipe"/>, without reflection.</summary>
/// <remarks>
/// A text is laid over the default recipe, property by property. Generated code alone would give properties that are left out the
/// default of their type instead of their own.
/// </remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowTrailingCommas = true, ReadCommentHandling = JsonCommentHandling.Skip,
    WriteIndented = true,
    Converters = [typeof(EnumNames<GateMode>), typeof(EnumNames<EarlyStoppingMetric>), typeof(EnumNames<LearningRateSchedule>),
        typeof(EnumNames<LossCombination>), typeof(EnumNames<ChannelOrder>)])]
[JsonSerializable(typeof(TrainingRecipe))]
internal sealed partial class RecipeJson : JsonSerializerContext
{
    private const int MaximumValueLength = 80;

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <exception cref="FormatException">The text is no recipe; the message states why.</exception>
    public static TrainingRecipe Read(string json)
    {
        using JsonDocument document = JsonText.Parse(json, "Recipe: it");
        JsonObject merged = JsonSerializer.SerializeToNode(new TrainingRecipe(), Default.TrainingRecipe)!.AsObject();
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw WrongKind("it", "an object", document.RootElement);
        Merge(merged, document.RootElement, Default.TrainingRecipe, "");
        TrainingRecipe recipe = merged.Deserialize(Default.TrainingRecipe)!;
        string[] problems = [.. recipe.Problems()];
        return problems.Length == 0 ? recipe : throw new FormatException($"Recipe: {string.Join(Environment.NewLine, problems)}");
    }

    private static void Merge(JsonObject target, JsonElement given, JsonTypeInfo type, string path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in given.EnumerateObject())
        {
            string key = NameOf(property, path), name = path + key;
            JsonPropertyInfo? known = type.Properties.FirstOrDefault(candidate => candidate.Name == key);
            if (known is null)
            {
                throw new FormatException(
                    $"Recipe: the property '{name}' is unknown; expected one of {string.Join(", ", type.Properties.Select(p => p.Name))}.");
            }

            if (!seen.Add(key))
                throw new FormatException($"Recipe: the property '{name}' occurs twice.");
            JsonTypeInfo valueType = Default.GetTypeInfo(known.PropertyType)!;
            // A property that is null by default has default values when the text contains it.
            if (property.Value.ValueKind == JsonValueKind.Object && known.PropertyType == typeof(EncoderOptions))
                target[property.Name] ??= JsonSerializer.SerializeToNode(new EncoderOptions(), Default.EncoderOptions);
            // An object is laid over the default one, so that it may have some of its properties only.
            if (property.Value.ValueKind == JsonValueKind.Object && target[key] is JsonObject inner)
                Merge(inner, property.Value, valueType, name + ".");
            else
                target[key] = Check(property.Value, known, valueType, name);
        }
    }

    private static JsonNode? Check(JsonElement value, JsonPropertyInfo property, JsonTypeInfo type, string name)
    {
        CheckTexts(value, name);
        Type values = property.PropertyType;
        try
        {
            if (value.ValueKind == JsonValueKind.Null && property.IsSetNullable)
                return null;
            // Names are read without regard to their case and in lists; a file has one, as it is written.
            bool isName = !values.IsEnum || (value.ValueKind == JsonValueKind.String && Enum.GetNames(values).Contains(value.GetString()));
            if (isName && value.Deserialize(type) is not null)
                return JsonNode.Parse(value.GetRawText(), documentOptions: Lenient);
        }
        catch (JsonException e) when (type.Kind == JsonTypeInfoKind.None && property.PropertyType.IsClass)
        {
            throw new FormatException($"Recipe: the property '{name}' cannot be read: {e.Message}", e);
        }
        catch (JsonException)
        {
        }

        throw WrongKind($"the property '{name}'", Describe(type.Type), value);
    }

    /// <summary>Reads all texts of a value: half of a surrogate pair, escaped, is found nowhere else.</summary>
    private static void CheckTexts(JsonElement value, string name)
    {
        try
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.String:
                    _ = value.GetString();
                    break;
                case JsonValueKind.Array:
                    foreach (JsonElement item in value.EnumerateArray())
                        CheckTexts(item, name);
                    break;
                case JsonValueKind.Object:
                    foreach (JsonProperty property in value.EnumerateObject())
                    {
                        _ = property.Name;
                        CheckTexts(property.Value, name);
                    }

                    break;
            }
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException($"Recipe: the property '{name}' has a text that is not valid: {e.Message}", e);
        }
    }

    private static string NameOf(JsonProperty property, string path)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException e)
        {
            string place = path.Length == 0 ? "it" : $"the property '{path.TrimEnd('.')}'";
            throw new FormatException($"Recipe: {place} has a property whose name is no valid text: {e.Message}", e);
        }
    }

    private static string Describe(Type type) =>
        Nullable.GetUnderlyingType(type) is { } value ? $"{Describe(value)} or null"
        : type == typeof(bool) ? "true or false"
        : type == typeof(int) ? "a whole number"
        : type == typeof(double) ? "a number"
        : type == typeof(IReadOnlyList<int>) ? "a list of whole numbers"
        : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
        : "an object";

    private static FormatException WrongKind(string what, string expected, JsonElement value)
    {
        string text = value.GetRawText();
        return new FormatException(
            $"Recipe: {what} must be {expected}, got {(text.Length <= MaximumValueLength ? text : $"{text[..MaximumValueLength]}…")}.");
    }
}

/// <summary>Reads and writes a value of an enumeration by its name.</summary>
internal sealed class EnumNames<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
