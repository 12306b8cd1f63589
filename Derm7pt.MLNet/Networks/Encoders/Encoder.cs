using System.Text.Json.Serialization;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks;

/// <summary>Computes from pixels the features that the first block of every task reads.</summary>
[JsonConverter(typeof(LayerConverter<Encoder>))]
internal abstract record Encoder
{
    /// <summary>The kinds of encoders that a file may name.</summary>
    public static LayerKinds<Encoder> Kinds { get; } =
        new LayerKinds<Encoder>("encoder").Add("pixels", NetworkJson.Default.PixelEncoder);

    /// <summary>What is wrong with the settings, as one sentence each.</summary>
    public virtual IEnumerable<string> Problems() => [];

    /// <summary>The number of channels of the features.</summary>
    public abstract int OutputChannels();

    /// <summary>The tensors of the encoder.</summary>
    public abstract IEnumerable<ParameterSpec> Parameters();

    /// <summary>The height or width of the features; 0 where the image is too small.</summary>
    public abstract int OutputExtent(int imageExtent);

    /// <param name="scope">The encoder's tensors.</param>
    /// <param name="pixels">[N, 3, H, W] in [0, 1], RGB.</param>
    /// <returns>[N, channels, h, w]</returns>
    public abstract Tensor Forward(TorchScope scope, Tensor pixels);

    /// <summary>Adds the nodes of the encoder to a graph.</summary>
    public abstract GraphValue Emit(GraphScope scope, GraphValue pixels);
}

/// <summary>No encoder: the first block reads the pixels themselves, as in the paper.</summary>
internal sealed record PixelEncoder : Encoder
{
    public override int OutputChannels() => NetworkSpec.PixelChannels;

    public override IEnumerable<ParameterSpec> Parameters() => [];

    public override int OutputExtent(int imageExtent) => imageExtent;

    public override Tensor Forward(TorchScope scope, Tensor pixels) => pixels;

    public override GraphValue Emit(GraphScope scope, GraphValue pixels) => pixels;
}
