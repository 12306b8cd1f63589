using System.Text.Json.Serialization;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks;

/// <summary>Represents a scheme by which the tasks use each other's features after a block.</summary>
/// <remarks>
/// A scheme receives the features of all tasks, [N, T·C, h, w], task by task, and gives each task a view of them:
/// R channels, each a linear map of what the scheme computed (<see cref="TaskViews{TFeatures, TWeights}"/>). It may compute
/// anything on the way, such as a normalization.
/// </remarks>
[JsonConverter(typeof(LayerConverter<SharingScheme>))]
internal abstract record SharingScheme
{
    /// <summary>The kinds of schemes that a file may name.</summary>
    public static LayerKinds<SharingScheme> Kinds { get; } =
        new LayerKinds<SharingScheme>("sharing scheme").Add("gates", NetworkJson.Default.GateSharing);

    /// <summary>Describes the problems of the settings, as one sentence per problem.</summary>
    public virtual IEnumerable<string> Problems() => [];

    /// <summary>R, the number of channels that each task reads.</summary>
    /// <param name="tasks">T.</param>
    /// <param name="channels">C, the channels of one task.</param>
    public abstract int ViewChannels(int tasks, int channels);

    /// <summary>The tensors of the scheme after one block.</summary>
    /// <inheritdoc cref="ViewChannels"/>
    public abstract IEnumerable<ParameterSpec> Parameters(int tasks, int channels);

    /// <param name="scope">The tensors of the scheme after this block.</param>
    /// <param name="features">[N, T·C, h, w]</param>
    /// <param name="tasks">T.</param>
    public abstract TaskViews<Tensor, Tensor> Forward(TorchScope scope, Tensor features, int tasks);

    /// <summary>Adds the nodes of the scheme to a graph.</summary>
    /// <inheritdoc cref="Forward"/>
    public abstract TaskViews<GraphValue, string> Emit(GraphScope scope, GraphValue features, int tasks);
}

/// <summary>A scheme whose mixing is the same for every image, so that it can be inspected: it has gates.</summary>
internal interface IGates
{
    /// <summary>Computes how much each task uses of each channel, [T, T·C], in [0, 1]; differentiable.</summary>
    /// <param name="scope">The tensors of the scheme after a block.</param>
    /// <param name="tasks">T.</param>
    /// <param name="channels">C, the channels of one task.</param>
    Tensor Alphas(TorchScope scope, int tasks, int channels);

    /// <summary>Adds the nodes that compute the same values to a graph.</summary>
    /// <inheritdoc cref="Alphas"/>
    /// <returns>The name of a value, double [T, T·C].</returns>
    string EmitAlphas(GraphScope scope, int tasks, int channels);
}
