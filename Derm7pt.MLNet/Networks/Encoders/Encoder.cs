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
        new LayerKinds<Encoder>("encoder")
            .Add("pixels", NetworkJson.Default.PixelEncoder)
            .Add("onnx", NetworkJson.Default.OnnxEncoder)
            .Add("graph", NetworkJson.Default.GraphEncoder);

    /// <summary>What is wrong with the settings, as one sentence each.</summary>
    public virtual IEnumerable<string> Problems() => [];

    /// <summary>The file that the encoder was read from; <see langword="null"/> for none.</summary>
    [JsonIgnore]
    public virtual EncoderSource? File => null;

    /// <summary>What <see cref="Describe"/> calls the encoder itself.</summary>
    public const string Extractor = "Feature extractor";

    /// <summary>The facts about the encoder by name, for display.</summary>
    public virtual IEnumerable<KeyValuePair<string, string>> Describe() => [new(Extractor, $"{Kinds.KindOf(this)}, trained from random weights")];

    /// <summary>The number of channels of the features.</summary>
    public abstract int OutputChannels();

    /// <summary>The tensors of the encoder.</summary>
    public abstract IEnumerable<ParameterSpec> Parameters();

    /// <summary>The height or width of the features; 0 where the image is too small.</summary>
    public abstract int OutputExtent(int imageExtent);

    /// <summary>The values at which the extent of the features falls, first to last, the output included; empty without any.</summary>
    public virtual IReadOnlyList<EncoderStage> Stages() => [];

    /// <summary>Whether most of the computation is in torch's operators, which then need all threads.</summary>
    [JsonIgnore]
    public virtual bool NeedsTorchThreads => false;

    /// <param name="scope">The encoder's tensors.</param>
    /// <param name="pixels">[N, 3, H, W] in [0, 1], RGB.</param>
    /// <param name="stages">Takes the features of the <see cref="Stages"/>, through which gradients can then be taken; may be null.</param>
    /// <returns>[N, channels, h, w]</returns>
    public abstract Tensor Forward(TorchScope scope, Tensor pixels, ICollection<Tensor>? stages = null);

    /// <summary>Adds the nodes of the encoder to a graph.</summary>
    public abstract GraphValue Emit(GraphScope scope, GraphValue pixels);
}

/// <summary>A place of an encoder after which the features become smaller, or end.</summary>
/// <param name="Name">The value.</param>
/// <param name="Channels">The number of channels.</param>
/// <param name="Reduction">How many pixels of the image one position stands for, each way.</param>
internal sealed record EncoderStage(string Name, int Channels, int Reduction);

/// <summary>No encoder: the first block reads the pixels themselves, as in the paper.</summary>
internal sealed record PixelEncoder : Encoder
{
    public override IEnumerable<KeyValuePair<string, string>> Describe() => [new(Extractor, "none: the first block reads pixels")];

    public override int OutputChannels() => NetworkSpec.PixelChannels;

    public override IEnumerable<ParameterSpec> Parameters() => [];

    public override int OutputExtent(int imageExtent) => imageExtent;

    public override Tensor Forward(TorchScope scope, Tensor pixels, ICollection<Tensor>? stages = null) => pixels;

    public override GraphValue Emit(GraphScope scope, GraphValue pixels) => pixels;
}
