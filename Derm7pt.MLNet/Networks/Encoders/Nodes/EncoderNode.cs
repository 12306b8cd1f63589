using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks;

/// <summary>Represents one operation of an <see cref="OnnxEncoder"/>, which torch computes during training and which is exported as an ONNX node.</summary>
/// <remarks>Operations are connected by the names of their values, which are those of the imported file.</remarks>
/// <param name="Output">The value that it computes.</param>
/// <param name="Inputs">The values that it reads.</param>
[JsonConverter(typeof(LayerConverter<EncoderNode>))]
internal abstract record EncoderNode(string Output, [property: JsonIgnore] ImmutableArray<string> Inputs)
{
    /// <summary>The kinds of nodes that can be read from a file.</summary>
    public static LayerKinds<EncoderNode> Kinds { get; } = new LayerKinds<EncoderNode>("encoder's node")
        .Add("convolution", NetworkJson.Default.ConvolutionNode)
        .Add("normalization", NetworkJson.Default.NormalizationNode)
        .Add("activation", NetworkJson.Default.ActivationNode)
        .Add("arithmetic", NetworkJson.Default.ArithmeticNode)
        .Add("concatenation", NetworkJson.Default.ConcatenationNode)
        .Add("pooling", NetworkJson.Default.PoolingNode)
        .Add("global pooling", NetworkJson.Default.GlobalPoolingNode)
        .Add("padding", NetworkJson.Default.PaddingNode)
        .Add("flattening", NetworkJson.Default.FlatteningNode)
        .Add("dense", NetworkJson.Default.DenseNode)
        .Add("constant", NetworkJson.Default.ConstantNode);

    /// <summary>Whether torch's backward pass needs the output of the node, so that its reader must not overwrite it.</summary>
    [JsonIgnore]
    public virtual bool KeepsOutput => true;

    /// <summary>Describes the problems of the settings, as one sentence per problem.</summary>
    /// <param name="inputs">The shapes of the inputs.</param>
    public abstract IEnumerable<string> Problems(FeatureShape[] inputs);

    /// <summary>Computes the shape of the output along one of the two axes of the image.</summary>
    /// <param name="inputs">The shapes of the inputs along that axis; none is empty.</param>
    /// <param name="axis">0 for rows, 1 for columns.</param>
    public abstract FeatureShape OutputShape(FeatureShape[] inputs, int axis);

    /// <summary>Lists the tensors of the node.</summary>
    public virtual IEnumerable<ParameterSpec> Parameters() => [];

    /// <summary>Computes the output.</summary>
    /// <param name="scope">The tensors of the encoder.</param>
    /// <param name="inputs">[N, channels, h, w], or [N, channels] for vectors.</param>
    /// <param name="mayOverwrite">Whether the result may overwrite the first input, because no other operation reads it.</param>
    public abstract Tensor Forward(TorchScope scope, Tensor[] inputs, bool mayOverwrite);

    /// <summary>Adds the node to a graph.</summary>
    /// <param name="scope">The tensors of the encoder.</param>
    /// <param name="inputs">The names of the inputs in the graph.</param>
    /// <returns>The name of the output in the graph.</returns>
    public abstract string Emit(GraphScope scope, string[] inputs);

    // The array of inputs is not compared, because it is determined by the other properties.
    public virtual bool Equals(EncoderNode? other) =>
        other is not null && EqualityContract == other.EqualityContract && Output == other.Output && Inputs.SequenceEqual(other.Inputs);

    public override int GetHashCode() => HashCode.Combine(EqualityContract, Output, Inputs.Length);

    /// <summary>Returns a problem if a setting is out of range.</summary>
    protected IEnumerable<string> Range(string setting, int value, int minimum, int maximum)
    {
        if (value < minimum || value > maximum)
            yield return Invariant($"{setting} of '{Output}' must be from {minimum} to {maximum}, got {value}.");
    }

    /// <summary>Returns a problem if a condition is false.</summary>
    protected IEnumerable<string> Require(bool condition, string expected)
    {
        if (!condition)
            yield return $"'{Output}' {expected}.";
    }
}

/// <summary>Represents the shape of a value of an <see cref="OnnxEncoder"/>, without the batch, along one axis of the image.</summary>
/// <param name="Channels">The number of channels.</param>
/// <param name="Extent">The height or width; 0 if the image is too small.</param>
/// <param name="IsVector">Whether the value has no axes of an image; its extent is 1.</param>
internal readonly record struct FeatureShape(int Channels, int Extent, bool IsVector = false);

/// <summary>Provides the limits and the ONNX attributes of a node's window.</summary>
internal static class NodeWindow
{
    /// <summary>Describes the problems of the window of a node, as one sentence per problem.</summary>
    public static IEnumerable<string> Problems(this SlidingWindow window, string node)
    {
        if (((int[])[window.KernelHeight, window.KernelWidth, window.StrideY, window.StrideX, window.DilationY, window.DilationX])
            .Any(value => value is < 1 or > NetworkLimits.KernelExtent))
        {
            yield return $"The kernel, strides and dilations of '{node}' must be from 1 to {NetworkLimits.KernelExtent}.";
        }
        else if (((int[])[window.Top, window.Left, window.Bottom, window.Right]).Any(value => value is < 0 or > NetworkLimits.KernelExtent))
        {
            yield return $"The padding of '{node}' must be from 0 to {NetworkLimits.KernelExtent} on each side.";
        }
    }

    /// <summary>Creates the attributes of the ONNX node.</summary>
    public static AttributeProto[] Attributes(this SlidingWindow window) =>
    [
        GraphBuilder.Integers("kernel_shape", window.Kernel),
        GraphBuilder.Integers("strides", window.Strides),
        GraphBuilder.Integers("pads", window.Top, window.Left, window.Bottom, window.Right),
    ];
}
