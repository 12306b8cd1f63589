using System.Text.Json.Serialization;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks;

/// <summary>Represents the part of the network that computes, from pixels, the features that the first block of every task reads.</summary>
[JsonConverter(typeof(LayerConverter<Encoder>))]
internal abstract record Encoder
{
    /// <summary>The kinds of encoders that can be read from a file.</summary>
    public static LayerKinds<Encoder> Kinds { get; } =
        new LayerKinds<Encoder>("encoder")
            .Add("pixels", NetworkJson.Default.PixelEncoder)
            .Add("onnx", NetworkJson.Default.OnnxEncoder)
            .Add("graph", NetworkJson.Default.GraphEncoder);

    /// <summary>Describes the problems of the settings, as one sentence per problem.</summary>
    public virtual IEnumerable<string> Problems() => [];

    /// <summary>The file from which the encoder was read; <see langword="null"/> for none.</summary>
    [JsonIgnore]
    public virtual EncoderSource? File => null;

    /// <summary>Gets the number of channels of the features.</summary>
    public abstract int OutputChannels();

    /// <summary>Lists the tensors of the encoder.</summary>
    public abstract IEnumerable<ParameterSpec> Parameters();

    /// <summary>Computes the height or width of the features; 0 if the image is too small.</summary>
    public abstract int OutputExtent(int imageExtent);

    /// <summary>Lists the values after which the extent of the features decreases, first to last, including the output; empty if there are none.</summary>
    public virtual IReadOnlyList<EncoderStage> Stages() => [];

    /// <summary>Whether torch's operators do most of the computation and therefore need all threads.</summary>
    [JsonIgnore]
    public virtual bool NeedsTorchThreads => false;

    /// <param name="scope">The encoder's tensors.</param>
    /// <param name="pixels">[N, 3, H, W] in [0, 1], RGB.</param>
    /// <param name="stages">Receives the features of the <see cref="Stages"/>, for which gradients can be computed; may be null.</param>
    /// <returns>[N, channels, h, w]</returns>
    public abstract Tensor Forward(TorchScope scope, Tensor pixels, ICollection<Tensor>? stages = null);

    /// <summary>Adds the nodes of the encoder to a graph.</summary>
    public abstract GraphValue Emit(GraphScope scope, GraphValue pixels);
}

/// <summary>Represents a value of an encoder after which the features become smaller, or the last value.</summary>
/// <param name="Name">The name of the value.</param>
/// <param name="Channels">The number of channels.</param>
/// <param name="Reduction">The number of pixels of the image per position, along each axis.</param>
internal sealed record EncoderStage(string Name, int Channels, int Reduction);

/// <summary>Represents an encoder that returns the pixels, which the first block reads directly, as in the paper.</summary>
internal sealed record PixelEncoder : Encoder
{
    public override int OutputChannels() => NetworkSpec.PixelChannels;

    public override IEnumerable<ParameterSpec> Parameters() => [];

    public override int OutputExtent(int imageExtent) => imageExtent;

    public override Tensor Forward(TorchScope scope, Tensor pixels, ICollection<Tensor>? stages = null) => pixels;

    public override GraphValue Emit(GraphScope scope, GraphValue pixels) => pixels;
}
