using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Derm7pt.MLNet.Models;

/// <summary>
/// Provides the source-generated serialization of the metadata of a model file. Missing values and values of another type are rejected.
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

/// <summary>Represents the sizes of the network in files of formats 1 and 2.</summary>
internal sealed record OldShape(
    ImmutableArray<int> LabelCounts, ImmutableArray<int> Filters, GateMode Gates, double GateSteepness, double Dropout);

/// <summary>Reads and writes gate modes by name only.</summary>
internal sealed class NamedGateMode() : JsonStringEnumConverter<GateMode>(namingPolicy: null, allowIntegerValues: false);
