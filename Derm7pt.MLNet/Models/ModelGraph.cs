using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Onnx;

namespace Derm7pt.MLNet.Models;

/// <summary>Creates the ONNX graph of a model, whose input is pixels and whose outputs are the columns of an <see cref="OutputLayout"/>.</summary>
/// <remarks>
/// <para>Input: <c>Pixels</c>, float [N, 3, H, W], RGB in [0, 1]. N is dynamic.</para>
/// <list type="table">
/// <listheader><term>Output</term><description>Type and meaning</description></listheader>
/// <item><term><c>{Task}Score</c></term>
/// <description>float [N, labels]: probabilities; their means over the members of an ensemble and over the views of an image.</description></item>
/// <item><term><c>{Task}PredictedLabel</c></term>
/// <description>int64 [N, 1]: the zero-based label with the highest probability; the first of several equal ones.</description></item>
/// <item><term><c>GateAlphas</c></term>
/// <description>
/// float [N, Σ T·T·C]: the gates of all blocks, the same for every image; see <see cref="GateSlotNames"/>. For an ensemble, their means
/// over the members. Absent if the sharing scheme has no gates.
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
        GraphScope[] scopes = [.. model.Members.Select((member, i) => Scope(graph, member, model.IsEnsemble ? ModelMember.Path(i) : ""))];
        GraphScope shared = Scope(graph, model.Members[0], "");
        (GraphValue input, int views) = network.EmitInput(
            shared, new GraphValue(pixels, NetworkSpec.PixelChannels), model.ImageHeight, model.ImageWidth);
        GraphValue? encoded = SharesEncoder(model) ? network.EmitEncoder(shared, input) : null;
        string[][] logits = [.. scopes.Select(scope => network.EmitTasks(scope, encoded ?? network.EmitEncoder(scope, input)))];
        string[][] gates = network.Gates is { } sharing ? [.. scopes.Select(scope => Alphas(network, sharing, scope))] : [];
        GraphOutputs.Add(graph, model.Outputs, logits, views, gates);
        graph.Proto.Name = model.Taxonomy.Name;
        return (graph.Proto, graph.OpsetVersion);
    }

    /// <summary>Returns whether the graph computes one encoder for all members. The names of its tensors then have no member's path.</summary>
    private static bool SharesEncoder(MultiTaskModel model) =>
        model.Members.All(member => member.HasEncoderOf(model.Members[0], model.Network));

    private static GraphScope Scope(GraphBuilder graph, ModelMember member, string path)
    {
        string prefix = path.Length == 0 ? "" : $"{path}.";
        return new GraphScope(
            graph, member.State.Select(tensor => tensor with { Name = prefix + tensor.Name }).ToDictionary(tensor => tensor.Name), path);
    }

    private static string[] Alphas(NetworkSpec network, IGates sharing, GraphScope scope) =>
    [
        .. network.Channels.Select((channels, block) =>
            sharing.EmitAlphas(scope.In(NetworkSpec.SharingPath(block)), network.TaskCount, channels)),
    ];
}
