using System.Text.Json.Serialization;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Networks.Extending;

/// <summary>An encoder that all tasks share: a 2×2 convolution with stride 2 and ReLU.</summary>
/// <param name="Filters">The number of output channels.</param>
internal sealed record StemEncoder(int Filters) : Encoder
{
    private const int Size = 2;
    private const string Kernel = "kernel", Bias = "bias";

    public override IEnumerable<string> Problems() => Filters is > 0 and < 1000 ? [] : [$"Filters must be from 1 to 999, got {Filters}."];

    public override int OutputChannels() => Filters;

    public override int OutputExtent(int imageExtent) => imageExtent / Size;

    public override IEnumerable<ParameterSpec> Parameters() =>
    [
        new ParameterSpec(
            Kernel, [Filters, NetworkSpec.PixelChannels, Size, Size], ParameterRole.Kernel, ParameterOwner.Shared,
            Initialization.GlorotUniform(NetworkSpec.PixelChannels * Size * Size, Filters * Size * Size)),
        new ParameterSpec(Bias, [Filters], ParameterRole.Bias, ParameterOwner.Shared, Initialization.Zeros),
    ];

    public override Tensor Forward(TorchScope scope, Tensor pixels, ICollection<Tensor>? stages = null) =>
        Convolution.Apply(pixels, scope[Kernel], scope[Bias], Size).relu();

    public override GraphValue Emit(GraphScope scope, GraphValue pixels)
    {
        var kernel = new GraphKernel(scope.Parameter(Kernel), Filters, pixels.Channels, Size, Size);
        GraphValue convolved = scope.Graph.Convolution(scope.Name("conv"), pixels, kernel, scope.Parameter(Bias), Size);
        return convolved with { Name = scope.Graph.Relu(scope.Name("relu"), convolved.Name) };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StemEncoder))]
internal sealed partial class StemEncoderJson : JsonSerializerContext;
