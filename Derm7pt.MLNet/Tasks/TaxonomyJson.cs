using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Derm7pt.MLNet.Tasks;

/// <summary>The JSON form of a <see cref="Taxonomy"/>: the shape of <c>data-schema/taxonomy.json</c>.</summary>
internal static class TaxonomyJson
{
    public static Taxonomy ReadEmbedded(string? variant) => Read(DataSchema.Read("taxonomy.json"), variant, isStored: false);

    /// <summary>Reads a taxonomy.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="isStored">Whether it is the form that <see cref="WriteStored"/> writes.</param>
    /// <exception cref="FormatException">It is no taxonomy; the message has the place, the value and what is allowed.</exception>
    public static Taxonomy Read(ReadOnlyMemory<byte> utf8, bool isStored) => Read(utf8, variant: null, isStored);

    /// <summary>Writes the form that everybody may read.</summary>
    public static string Write(Taxonomy taxonomy) => Write(taxonomy, withAllKinds: true);

    /// <summary>Writes the form of model files, which leave out the kind of the diagnosis; runs are compared by it too.</summary>
    public static string WriteStored(Taxonomy taxonomy) => Write(taxonomy, withAllKinds: false);

    private static Taxonomy Read(ReadOnlyMemory<byte> utf8, string? variant, bool isStored)
    {
        using JsonDocument document = Parse(utf8);
        try
        {
            return new TaxonomyReader(isStored).Read(JsonPart.Root(document.RootElement), variant);
        }
        catch (FormatException e)
        {
            throw new FormatException($"Taxonomy: {e.Message}", e);
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

    private static JsonDocument Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return JsonDocument.Parse(utf8);
        }
        catch (JsonException e)
        {
            // Both are counted from zero.
            string place = e is { LineNumber: { } line, BytePositionInLine: { } position }
                ? string.Create(CultureInfo.InvariantCulture, $", line {line + 1}, byte {position + 1}")
                : "";
            throw new FormatException($"The taxonomy is not valid JSON{place}: {Problem(utf8, e)}", e);
        }
    }

    /// <summary>What the parser objected to; its own words for what it could be made to allow are advice to programmers.</summary>
    private static string Problem(ReadOnlyMemory<byte> utf8, JsonException e)
    {
        if (Allows(utf8, commas: true, comments: false))
            return "a comma has nothing after it.";
        if (Allows(utf8, commas: false, comments: true))
            return "comments are not allowed.";
        if (Allows(utf8, commas: true, comments: true))
            return "comments and commas with nothing after them are not allowed.";
        int place = e.Message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        return place < 0 ? e.Message : e.Message[..place];
    }

    private static bool Allows(ReadOnlyMemory<byte> utf8, bool commas, bool comments)
    {
        try
        {
            JsonDocument.Parse(utf8, new JsonDocumentOptions
            {
                AllowTrailingCommas = commas,
                CommentHandling = comments ? JsonCommentHandling.Skip : JsonCommentHandling.Disallow,
            }).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>A taxonomy as it is written.</summary>
internal sealed record TaxonomyEntry(string Name, int Version, IReadOnlyList<TaskEntry> Tasks);

/// <summary>A task as it is written.</summary>
internal sealed record TaskEntry(string Name, string Code, string Column, string Title, string? Kind, IReadOnlyList<LabelEntry> Labels);

/// <summary>A label as it is written; a score of 0 and what is no melanoma are left out.</summary>
internal sealed record LabelEntry(string Name, string Code, int Score, bool Melanoma, IReadOnlyList<string> Values);

/// <summary>How taxonomies are written, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(TaxonomyEntry))]
internal sealed partial class TaxonomyJsonContext : JsonSerializerContext;
