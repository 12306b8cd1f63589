using System.Text.Json.Serialization;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks;

/// <summary>Computes the logits of every task from its view of the last block's features.</summary>
[JsonConverter(typeof(LayerConverter<TaskHeads>))]
internal abstract record TaskHeads
{
    /// <summary>The kinds of heads that a file may name.</summary>
    public static LayerKinds<TaskHeads> Kinds { get; } =
        new LayerKinds<TaskHeads>("heads").Add("parallel", NetworkJson.Default.ParallelHeads);

    /// <summary>Describes the problems of the settings, as one sentence per problem.</summary>
    public virtual IEnumerable<string> Problems() => [];

    /// <summary>The channels that each task gets of its view; <see langword="null"/> for four times those of a block's task.</summary>
    [JsonIgnore]
    public virtual int? MixWidth => null;

    /// <summary>The tensors of the heads.</summary>
    /// <param name="labelCounts">The number of labels of each task.</param>
    /// <param name="mixing">How the tasks read their views.</param>
    public abstract IEnumerable<ParameterSpec> Parameters(IReadOnlyList<int> labelCounts, MixingConvolution mixing);

    /// <param name="scope">The tensors of the heads.</param>
    /// <param name="views">What the tasks read.</param>
    /// <param name="labelCounts">The number of labels of each task.</param>
    /// <param name="mixing">How the tasks read their views.</param>
    /// <returns>For each task [N, labels].</returns>
    public abstract Tensor[] Forward(
        TorchScope scope, TaskViews<Tensor, Tensor> views, IReadOnlyList<int> labelCounts, MixingConvolution mixing);

    /// <summary>Adds the nodes of the heads to a graph.</summary>
    /// <inheritdoc cref="Forward"/>
    /// <returns>For each task the name of a value, single precision [N, labels].</returns>
    public abstract string[] Emit(
        GraphScope scope, TaskViews<GraphValue, string> views, IReadOnlyList<int> labelCounts, MixingConvolution mixing);
}
