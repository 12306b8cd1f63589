using Derm7pt.MLNet.Columns;
using Google.Protobuf;
using ElementType = Derm7pt.MLNet.Onnx.TensorProto.Types.DataType;

namespace Derm7pt.MLNet.Onnx;

/// <summary>Adds the columns of an <see cref="OutputLayout"/> to a graph, as outputs of their names.</summary>
internal static class GraphOutputs
{
    public const string MachineLearningDomain = "ai.onnx.ml";

    /// <summary>Adds the outputs.</summary>
    /// <param name="graph">The graph, which computes the logits.</param>
    /// <param name="layout">The columns.</param>
    /// <param name="logits">For each network and each task the name of the logits, [views · N, labels].</param>
    /// <param name="views">The number of views of an image. Probabilities are averaged over the views and the networks.</param>
    /// <param name="gates">
    /// For each network and each block the name of the gates, double [T, T·C]; empty if the layout has no column of gates.
    /// </param>
    public static void Add(GraphBuilder graph, OutputLayout layout, string[][] logits, int views, string[][] gates)
    {
        foreach (OutputColumn column in layout.Visible)
        {
            ClassificationTask task = layout.Taxonomy.Tasks[column.IsDerived ? 0 : column.Index];
            switch (column.Kind)
            {
                case OutputKind.Score:
                    AddProbabilities(graph, column, [.. logits.Select(network => network[column.Index])], views);
                    AddSlotNames(graph, column);
                    break;
                case OutputKind.PredictedLabel:
                    // The first of equals, as ML.NET does.
                    graph.Node(
                        "ArgMax", column.Name, [ColumnNames.Score(task)], GraphBuilder.Integer("axis", 1), GraphBuilder.Integer("keepdims", 1));
                    break;
                case OutputKind.Gates:
                    AddGates(graph, column, gates);
                    AddSlotNames(graph, column);
                    break;
                case OutputKind.LabelScoreSum:
                    graph.Node("Sum", column.Name, [.. layout.Taxonomy.Tasks.Select(scored => LabelScore(graph, scored))]);
                    break;
                case OutputKind.LabelSetProbability:
                    AddMelanomaProbability(graph, column, layout.Taxonomy.Diagnosis!);
                    break;
            }

            // Texts are not computed by the graph, because they are determined by the labels.
            if (column.Kind == OutputKind.PredictedLabel)
                graph.Output(column.Name, ElementType.Int64, width: 1);
            else if (column.Kind != OutputKind.PredictedLabelText)
                graph.Output(column.Name, ElementType.Float, Math.Max(1, column.Names.Count));
        }
    }

    private static void AddProbabilities(GraphBuilder graph, OutputColumn column, string[] logits, int views)
    {
        int count = logits.Length * views;
        AttributeProto labels = GraphBuilder.Integer("axis", 1);
        if (count == 1)
        {
            graph.Node("Softmax", column.Name, logits, labels);
            return;
        }

        string all = logits.Length == 1 ? logits[0] : graph.Node("Concat", $"{column.Name}/logits", logits, GraphBuilder.Integer("axis", 0));
        string probabilities = graph.Node("Softmax", $"{column.Name}/probabilities", [all], labels);
        string grouped = graph.Reshape($"{column.Name}/grouped", probabilities, count, -1, column.Names.Count);
        graph.Node("ReduceMean", column.Name, [grouped], GraphBuilder.Integers("axes", 0), GraphBuilder.Integer("keepdims", 0));
    }

    private static string LabelScore(GraphBuilder graph, ClassificationTask task)
    {
        string table = graph.Constant($"{task.Name}/labelScores", [task.Labels.Count], [.. task.Labels.Select(label => (float)label.Score)]);
        return graph.Node("Gather", $"{task.Name}/labelScore", [table, ColumnNames.PredictedLabel(task)], GraphBuilder.Integer("axis", 0));
    }

    private static void AddMelanomaProbability(GraphBuilder graph, OutputColumn column, ClassificationTask diagnosis)
    {
        string mask = graph.Constant(
            $"{column.Name}/labels", [diagnosis.Labels.Count, 1], [.. diagnosis.Labels.Select(label => label.IsMelanoma ? 1f : 0f)]);
        graph.Node("MatMul", column.Name, [ColumnNames.Score(diagnosis), mask]);
    }

    private static void AddGates(GraphBuilder graph, OutputColumn column, string[][] gates)
    {
        IEnumerable<string> means = Enumerable.Range(0, gates[0].Length)
            .Select(block => Mean(graph, Invariant($"{column.Name}/mean{block}"), [.. gates.Select(network => network[block])]));
        string[] flat = [.. means.Select((block, i) => graph.Reshape(Invariant($"{column.Name}/block{i}"), block, 1, -1))];
        string row = graph.ToSingle($"{column.Name}/row", graph.Node("Concat", $"{column.Name}/blocks", flat, GraphBuilder.Integer("axis", 1)));
        // Of the input rather than of a score, so that the gates can be had without running the network.
        string shape = graph.Node("Shape", $"{column.Name}/pixels", [ColumnNames.Pixels]);
        string count = graph.Node("Gather", $"{column.Name}/count", [shape, graph.Constant($"{column.Name}/first", 0)], GraphBuilder.Integer("axis", 0));
        string rows = graph.Node(
            "Concat", $"{column.Name}/shape", [count, graph.Constant($"{column.Name}/width", column.Names.Count)], GraphBuilder.Integer("axis", 0));
        graph.Node("Expand", column.Name, [row, rows]);
    }

    /// <summary>Adds the mean of values in double precision. ONNX Runtime implements Mean in single precision only.</summary>
    private static string Mean(GraphBuilder graph, string name, string[] values) => values.Length == 1
        ? values[0]
        : graph.Node("Div", name, [graph.Node("Sum", $"{name}/sum", values), graph.Constant($"{name}/count", [], [(double)values.Length])]);

    /// <summary>
    /// ML.NET reads a column's slot names from a node of this name. The node is a real one, so that any runtime
    /// accepts the file, but nothing uses what it computes.
    /// </summary>
    private static void AddSlotNames(GraphBuilder graph, OutputColumn column)
    {
        string input = graph.EmptyText($"mlnet.{column.Name}.unusedInput");
        var keys = new AttributeProto { Name = "keys_strings", Type = AttributeProto.Types.AttributeType.Strings };
        keys.Strings.AddRange(column.Names.Select(ByteString.CopyFromUtf8));
        AttributeProto values = GraphBuilder.Integers("values_int64s", [.. Enumerable.Range(0, column.Names.Count).Select(i => (long)i)]);
        graph.Node(
            "LabelEncoder", [$"mlnet.{column.Name}.unusedOutput"], [input], [keys, values], $"mlnet.{column.Name}.SlotNames", MachineLearningDomain);
    }
}
