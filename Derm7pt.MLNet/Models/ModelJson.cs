using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Derm7pt.MLNet.Models;

/// <summary>
/// How the metadata of a model file are written, without reflection; what misses a value or has one of the wrong kind is refused.
/// </summary>
[JsonSourceGenerationOptions(
    AllowDuplicateProperties = false, IgnoreReadOnlyProperties = true, MaxDepth = 16,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, Converters = [typeof(NamedGateMode)])]
[JsonSerializable(typeof(Dictionary<string, string[]>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(FittedInput))]
[JsonSerializable(typeof(OldShape))]
[JsonSerializable(typeof(StoredHistory))]
internal sealed partial class ModelJson : JsonSerializerContext;

/// <summary>The sizes of the network in files of formats 1 and 2.</summary>
internal sealed record OldShape(
    ImmutableArray<int> LabelCounts, ImmutableArray<int> Filters, GateMode Gates, double GateSteepness, double Dropout);

/// <summary>Gate modes by name only.</summary>
internal sealed class NamedGateMode() : JsonStringEnumConverter<GateMode>(namingPolicy: null, allowIntegerValues: false);
