using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Onnx;

namespace Derm7pt.MLNet.Models;

/// <summary>Creates the ONNX graph of a model, whose input is pixels and whose outputs are the columns of an <see cref="OutputLayout"/>.</summary>
/// <remarks>
/// <para>Input: <c>Pixels</c>, float [N, 3, H, W], RGB in [0, 1]. N is dynamic.</para>
/// <list type="table">
/// <listheader><term>Output</term><description>Type and meaning</description></listheader>
/// <item><term><c>{Task}Score</c></term><description>float [N, labels]: probabilities.</description></item>
/// <item><term><c>{Task}PredictedLabel</c></term>
/// <description>int64 [N, 1]: the zero-based label with the highest probability; the first of several equal ones.</description></item>
/// <item><term><c>GateAlphas</c></term>
/// <description>
/// float [N, Σ T·T·C]: the gates of all blocks, the same for every image; see <see cref="GateSlotNames"/>. Absent if the sharing scheme
/// has no gates.
/// </description></item>
/// <item><term><c>SevenPointScore</c></term>
/// <description>float [N, 1]: the sum of the predicted labels' checklist scores. Absent if no label has a score.</description></item>
/// <item><term><c>MelanomaProbability</c></term>
/// <description>float [N, 1]: the probability of the diagnosis' melanoma labels. Absent if the taxonomy has none.</description></item>
/// </list>
/// </remarks>
internal static class ModelGraph
{
    private const string InputDocumentation =
        "Pixels [N, 3, height, width]: planes red, green, blue; rows from the top; bytes times 1/255, so values in [0, 1].";

    /// <summary>Builds the graph.</summary>
    /// <exception cref="ArgumentException">The tensors do not match the network.</exception>
    /// <returns>The graph, and the version of the standard operators that it needs.</returns>
    public static (GraphProto Graph, int OpsetVersion) Create(MultiTaskModel model)
    {
        NetworkSpec network = model.Network;
        var graph = new GraphBuilder();
        string pixels = graph.Input(
            ColumnNames.Pixels, [NetworkSpec.PixelChannels, model.ImageHeight, model.ImageWidth], InputDocumentation);
        var scope = new GraphScope(graph, model.State.ToDictionary(tensor => tensor.Name), "");
        string[] logits = network.Emit(scope, new GraphValue(pixels, NetworkSpec.PixelChannels));
        string[] gates = network.Gates is { } sharing
            ? [.. network.Channels.Select((channels, block) => sharing.EmitAlphas(scope.In(NetworkSpec.SharingPath(block)), network.TaskCount, channels))]
            : [];
        GraphOutputs.Add(graph, model.Outputs, logits, gates);
        graph.Proto.Name = model.Taxonomy.Name;
        return (graph.Proto, graph.OpsetVersion);
    }
}
