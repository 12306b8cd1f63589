using System.Text.Json.Serialization;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Networks.Encoders;

/// <summary>
/// An encoder whose weights are never trained, and which counts the images that it computes: the means of every 2×2 pixels, a number of times,
/// each times a weight. It is linear, and no image has an influence on the features of another one, not even in the last bit.
/// </summary>
/// <param name="Copies">How often it gives the three colors.</param>
/// <param name="IsDeclared">Whether it is declared as frozen; otherwise its features are computed in every step.</param>
internal sealed record FixedStem(int Copies, bool IsDeclared) : Encoder
{
    private const int Size = 2;
    private const string Weights = "weights";

    /// <summary>The number of images whose features this thread has computed.</summary>
    [ThreadStatic]
    public static int Images;

    [JsonIgnore]
    public override bool IsFrozen => IsDeclared;

    public static void AddKind() => Kinds.Add("fixed-stem", FixedStemJson.Default.FixedStem);

    public override int OutputChannels() => NetworkSpec.PixelChannels * Copies;

    public override int OutputExtent(int imageExtent) => imageExtent / Size;

    public override IEnumerable<ParameterSpec> Parameters() =>
    [
        new ParameterSpec(
            Weights, [1, OutputChannels(), 1, 1], ParameterRole.Kernel, ParameterOwner.Shared, Initialization.GlorotUniform(1, 1))
        {
            IsFrozen = true,
        },
    ];

    public override Tensor Forward(TorchScope scope, Tensor pixels, ICollection<Tensor>? stages = null)
    {
        Images += (int)pixels.shape[0];
        return nn.functional.avg_pool2d(pixels, Size).repeat(1, Copies, 1, 1) * scope[Weights];
    }

    public override GraphValue Emit(GraphScope scope, GraphValue pixels)
    {
        string pooled = scope.Graph.Node(
            "AveragePool", scope.Name("pooled"), [pixels.Name], GraphBuilder.Integers("kernel_shape", Size, Size),
            GraphBuilder.Integers("strides", Size, Size));
        string repeated = scope.Graph.Node(
            "Concat", scope.Name("repeated"), [.. Enumerable.Repeat(pooled, Copies)], GraphBuilder.Integer("axis", 1));
        return new GraphValue(
            scope.Graph.Node("Mul", scope.Name("features"), [repeated, scope.Parameter(Weights)]), OutputChannels());
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FixedStem))]
internal sealed partial class FixedStemJson : JsonSerializerContext;
