using System.Text.Json.Serialization;

namespace Derm7pt.MLNet.Networks;

/// <summary>How descriptions of networks are read and written, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, AllowDuplicateProperties = false,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(NetworkSpec))]
[JsonSerializable(typeof(PixelEncoder))]
[JsonSerializable(typeof(GateSharing))]
[JsonSerializable(typeof(ParallelHeads))]
internal sealed partial class NetworkJson : JsonSerializerContext;
