using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Derm7pt.MLNet.Networks;

/// <summary>The layers of one sort that a file may name: kinds, such as <c>gates</c>, and how their settings are read and written.</summary>
/// <remarks>Only what was added here can be read, so that a file cannot name an arbitrary type.</remarks>
/// <typeparam name="TLayer">The base of the layers.</typeparam>
/// <param name="sort">What the layers are, in messages.</param>
internal sealed class LayerKinds<TLayer>(string sort)
    where TLayer : class
{
    private readonly ConcurrentDictionary<string, JsonTypeInfo> _types = new(StringComparer.Ordinal);

    /// <summary>Adds a kind.</summary>
    /// <param name="kind">The name in files.</param>
    /// <param name="type">How the layer's settings are read and written.</param>
    public LayerKinds<TLayer> Add<T>(string kind, JsonTypeInfo<T> type)
        where T : TLayer
    {
        _types[kind] = type;
        return this;
    }

    public string KindOf(TLayer layer) =>
        _types.FirstOrDefault(entry => entry.Value.Type == layer.GetType()).Key
        ?? throw new NotSupportedException($"The {sort} {layer.GetType().Name} was not added to the kinds that a file may name.");

    public JsonTypeInfo TypeOf(string? kind) =>
        kind is not null && _types.TryGetValue(kind, out JsonTypeInfo? type)
            ? type
            : throw new JsonException($"the {sort} '{kind}' is unknown; expected one of {string.Join(", ", _types.Keys.Order(StringComparer.Ordinal))}.");
}

/// <summary>Reads and writes a layer as an object whose property <c>kind</c> contains its kind.</summary>
internal sealed class LayerConverter<TLayer> : JsonConverter<TLayer>
    where TLayer : class
{
    private const string Kind = "kind";

    private static LayerKinds<TLayer> Kinds { get; } = (LayerKinds<TLayer>)(object)(
        typeof(TLayer) == typeof(Encoder) ? Encoder.Kinds
        : typeof(TLayer) == typeof(EncoderNode) ? EncoderNode.Kinds
        : typeof(TLayer) == typeof(SharingScheme) ? SharingScheme.Kinds
        : TaskHeads.Kinds);

    public override TLayer Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (JsonNode.Parse(ref reader) is not JsonObject json)
            throw new JsonException("expected an object.");
        if (!json.Remove(Kind, out JsonNode? kind) || kind is not JsonValue value || !value.TryGetValue(out string? name))
            throw new JsonException($"the property '{Kind}' must be a text.");
        return (TLayer?)json.Deserialize(Kinds.TypeOf(name)) ?? throw new JsonException("expected an object.");
    }

    public override void Write(Utf8JsonWriter writer, TLayer value, JsonSerializerOptions options)
    {
        string kind = Kinds.KindOf(value);
        writer.WriteStartObject();
        writer.WriteString(Kind, kind);
        foreach ((string name, JsonNode? node) in JsonSerializer.SerializeToNode(value, Kinds.TypeOf(kind))!.AsObject())
        {
            writer.WritePropertyName(name);
            if (node is null)
                writer.WriteNullValue();
            else
                node.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
