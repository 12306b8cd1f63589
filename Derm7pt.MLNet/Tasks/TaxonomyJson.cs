using System.Text.Json;
using System.Text.Json.Serialization;
using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Tasks;

/// <summary>The JSON form of a <see cref="Taxonomy"/>: the shape of <c>data-schema/taxonomy.json</c>.</summary>
internal static class TaxonomyJson
{
    private const string What = "The taxonomy";

    public static Taxonomy ReadEmbedded(string? variant) => Read(JsonText.Parse(DataSchema.Read("taxonomy.json"), What), variant, isStored: false);

    /// <summary>Reads a taxonomy.</summary>
    /// <param name="json">The text.</param>
    /// <param name="isStored">Whether it is the form that <see cref="WriteStored"/> writes.</param>
    /// <exception cref="FormatException">It is no taxonomy; the message states the place, the value and what is allowed.</exception>
    public static Taxonomy Read(string json, bool isStored) => Read(JsonText.Parse(json, What), variant: null, isStored);

    /// <inheritdoc cref="Read(string, bool)"/>
    /// <param name="utf8">The text.</param>
    /// <param name="isStored">Whether it is the form that <see cref="WriteStored"/> writes.</param>
    public static Taxonomy Read(ReadOnlyMemory<byte> utf8, bool isStored) => Read(JsonText.Parse(utf8, What), variant: null, isStored);

    /// <summary>Writes the public form.</summary>
    public static string Write(Taxonomy taxonomy) => Write(taxonomy, withAllKinds: true);

    /// <summary>Writes the form of model files, which leave out the kind of the diagnosis; runs are compared by it too.</summary>
    public static string WriteStored(Taxonomy taxonomy) => Write(taxonomy, withAllKinds: false);

    private static Taxonomy Read(JsonDocument document, string? variant, bool isStored)
    {
        using (document)
        {
            try
            {
                return new TaxonomyReader(isStored).Read(JsonPart.Root(document.RootElement), variant);
            }
            catch (FormatException e)
            {
                throw new FormatException($"Taxonomy: {e.Message}", e);
            }
        }
    }

    private static string Write(Taxonomy taxonomy, bool withAllKinds) => JsonSerializer.Serialize(
        new TaxonomyEntry(taxonomy.Name, taxonomy.Version, [.. taxonomy.Tasks.Select(task => new TaskEntry(
            task.Name,
            task.Code,
            task.Column,
            task.Title,
            withAllKinds || task.Kind != TaskKind.Diagnosis ? TaxonomyReader.NameOf(task.Kind) : null,
            [.. task.Labels.Select(label => new LabelEntry(label.Name, label.Code, label.Score, label.IsMelanoma, label.RawValues))]))]),
        TaxonomyJsonContext.Default.TaxonomyEntry);
}

/// <summary>A taxonomy as it is written.</summary>
internal sealed record TaxonomyEntry(string Name, int Version, IReadOnlyList<TaskEntry> Tasks);

/// <summary>A task as it is written.</summary>
internal sealed record TaskEntry(string Name, string Code, string Column, string Title, string? Kind, IReadOnlyList<LabelEntry> Labels);

/// <summary>A label as it is written; a score of 0 and what is no melanoma are left out.</summary>
internal sealed record LabelEntry(string Name, string Code, int Score, bool Melanoma, IReadOnlyList<string> Values);

/// <summary>Provides the source-generated serialization of taxonomies.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(TaxonomyEntry))]
internal sealed partial class TaxonomyJsonContext : JsonSerializerContext;
