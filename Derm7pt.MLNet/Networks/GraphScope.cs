using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Onnx;

namespace Derm7pt.MLNet.Networks;

/// <summary>A layer's tensors by their names within the layer, while the layer adds its nodes to an ONNX graph.</summary>
/// <param name="graph">The graph.</param>
/// <param name="tensors">The state of the network, by full name.</param>
/// <param name="path">The layer's path; empty for the network itself.</param>
internal readonly struct GraphScope(GraphBuilder graph, IReadOnlyDictionary<string, NamedTensor> tensors, string path)
{
    public GraphBuilder Graph => graph;

    /// <summary>Adds a tensor of the layer to the graph, once.</summary>
    /// <returns>The name of the value.</returns>
    public string Parameter(string name) => graph.Parameter(tensors[Join(name)]);

    /// <summary>The name of a value that the layer computes.</summary>
    public string Name(string value) => $"{path}/{value}";

    /// <summary>The scope of a part of the layer.</summary>
    public GraphScope In(string part) => new(graph, tensors, Join(part));

    private string Join(string name) => path.Length == 0 ? name : $"{path}.{name}";
}
