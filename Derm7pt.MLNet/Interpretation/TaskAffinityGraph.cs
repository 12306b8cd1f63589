using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet.Interpretation;

/// <summary>Represents the use of features between tasks as a directed graph. An edge leads from the source task to the target task.</summary>
public sealed class TaskAffinityGraph
{
    private TaskAffinityGraph(SharingMatrix sharing, double cut, IReadOnlyList<TaskAffinityEdge> edges) =>
        (Sharing, Cut, Edges) = (sharing, cut, edges);

    /// <summary>The matrix from which the graph is created.</summary>
    public SharingMatrix Sharing { get; }

    /// <summary>The fraction that the weight of an edge exceeds.</summary>
    public double Cut { get; }

    /// <summary>The edges in descending order of weight.</summary>
    public IReadOnlyList<TaskAffinityEdge> Edges { get; }

    internal static TaskAffinityGraph Of(SharingMatrix sharing, double cut)
    {
        if (cut is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(cut), cut, "A cut is a fraction in [0, 1].");
        IEnumerable<int> tasks = Enumerable.Range(0, sharing.Tasks.Count);
        return new TaskAffinityGraph(
            sharing,
            cut,
            [
                .. from giving in tasks
                   from taking in tasks
                   where giving != taking
                   let weight = sharing[taking, giving] / 100
                   where weight > cut
                   orderby weight descending
                   select new TaskAffinityEdge(sharing.Tasks[giving], sharing.Tasks[taking], weight),
            ]);
    }

    /// <summary>Writes the graph in the DOT language of Graphviz; the pen width increases with the weight of the edge.</summary>
    public string ToDot()
    {
        var text = new StringBuilder();
        string title = string.Create(CultureInfo.InvariantCulture, $"Features taken, {Sharing.Name}, above {100 * Cut:F0}%");
        text.Append(CultureInfo.InvariantCulture, $"digraph sharing {{\n  label={Quote(title)};\n  node [shape=ellipse];\n");
        foreach (ClassificationTask task in Sharing.Tasks)
            text.Append(CultureInfo.InvariantCulture, $"  {Quote(task.Name)} [label={Quote(task.Title)}];\n");
        foreach (TaskAffinityEdge edge in Edges)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"  {Quote(edge.Giving.Name)} -> {Quote(edge.Taking.Name)} [label=\"{100 * edge.Weight:F0}%\", " +
                $"weight={1 + (int)(99 * edge.Weight)}, penwidth={0.5 + (3.5 * edge.Weight):F2}];\n");
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>Writes the graph as indented JSON: its nodes, and edges with weights in (0, 1].</summary>
    public string ToJson() => Export.Text(new JsonObject
    {
        ["name"] = Sharing.Name,
        ["threshold"] = Sharing.Threshold,
        ["cut"] = Cut,
        ["nodes"] = Export.Array(
            Sharing.Tasks, task => new JsonObject { ["name"] = task.Name, ["code"] = task.Code, ["title"] = task.Title }),
        ["edges"] = Export.Array(
            Edges,
            edge => new JsonObject { ["from"] = edge.Giving.Name, ["to"] = edge.Taking.Name, ["weight"] = edge.Weight }),
    });

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}

/// <summary>Represents the use of one task's features by another task.</summary>
public sealed class TaskAffinityEdge
{
    internal TaskAffinityEdge(ClassificationTask giving, ClassificationTask taking, double weight) =>
        (Giving, Taking, Weight) = (giving, taking, weight);

    /// <summary>The source task, whose features are used.</summary>
    public ClassificationTask Giving { get; }

    /// <summary>The target task, which uses the features.</summary>
    public ClassificationTask Taking { get; }

    /// <summary>The share of the features that is used, in (0, 1].</summary>
    public double Weight { get; }
}
