using System.Text.Json.Serialization;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Networks.Extending;

/// <summary>
/// Cross-stitch units (Misra et al., CVPR 2016) after every block: a task reads Σ_i s_ti · x_i, with one learned number for each
/// pair of tasks. The scheme has no gates and no normalization, and its tasks read C channels rather than T·C.
/// </summary>
/// <param name="Own">The initial value of s_tt; the others begin at (1 − own) / (T − 1).</param>
internal sealed record CrossStitch(double Own) : SharingScheme
{
    private const string Stitch = "stitch";

    public override int ViewChannels(int tasks, int channels) => channels;

    public override IEnumerable<ParameterSpec> Parameters(int tasks, int channels) =>
        [new ParameterSpec(Stitch, [tasks, tasks], ParameterRole.Gate, ParameterOwner.EachTask, Initialization.Zeros)];

    public override TaskViews<Tensor, Tensor> Forward(TorchScope scope, Tensor features, int tasks)
    {
        Tensor start = scope.Constant("start", () => tensor(Array.ConvertAll(Start(tasks), value => (float)value), [tasks, tasks]));
        Tensor stitch = (start + scope[Stitch]).reshape(tasks, 1, tasks, 1);
        return new TaskViews<Tensor, Tensor>(features, weights => (weights.unsqueeze(2) * stitch).flatten(2));
    }

    public override TaskViews<GraphValue, string> Emit(GraphScope scope, GraphValue features, int tasks)
    {
        GraphBuilder graph = scope.Graph;
        string start = graph.Constant(scope.Name("start"), [tasks, tasks], Start(tasks));
        string sum = graph.Node("Add", scope.Name("sum"), [start, graph.ToDouble(scope.Name("double"), scope.Parameter(Stitch))]);
        string stitch = graph.Reshape(scope.Name("rows"), sum, tasks, 1, tasks, 1);
        return new TaskViews<GraphValue, string>(features, weights =>
        {
            string apart = graph.Node("Unsqueeze", $"{weights}/apart", [weights, graph.Constant($"{weights}/axis", 2)]);
            return graph.Reshape($"{weights}/stitched", graph.Node("Mul", $"{weights}/each", [apart, stitch]), tasks, -1, features.Channels);
        });
    }

    private double[] Start(int tasks) =>
        [.. Enumerable.Range(0, tasks * tasks).Select(i => i / tasks == i % tasks ? Own : (1 - Own) / Math.Max(1, tasks - 1))];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CrossStitch))]
internal sealed partial class CrossStitchJson : JsonSerializerContext;
