using System.Text.Json.Serialization;

namespace Derm7pt.MLNet.Networks;

/// <summary>Provides the source-generated serialization of network descriptions.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, AllowDuplicateProperties = false,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(NetworkSpec))]
[JsonSerializable(typeof(PixelEncoder))]
[JsonSerializable(typeof(OnnxEncoder))]
[JsonSerializable(typeof(GraphEncoder))]
[JsonSerializable(typeof(ConvolutionNode))]
[JsonSerializable(typeof(NormalizationNode))]
[JsonSerializable(typeof(ActivationNode))]
[JsonSerializable(typeof(ArithmeticNode))]
[JsonSerializable(typeof(ConcatenationNode))]
[JsonSerializable(typeof(PoolingNode))]
[JsonSerializable(typeof(GlobalPoolingNode))]
[JsonSerializable(typeof(PaddingNode))]
[JsonSerializable(typeof(FlatteningNode))]
[JsonSerializable(typeof(DenseNode))]
[JsonSerializable(typeof(ConstantNode))]
[JsonSerializable(typeof(GateSharing))]
[JsonSerializable(typeof(ParallelHeads))]
internal sealed partial class NetworkJson : JsonSerializerContext;
