using System.Xml.Linq;
using Derm7pt.MLNet.Interpretation;
using Derm7pt.MLNet.Reporting.Html;
using Derm7pt.MLNet.Reporting.Plots;

namespace Derm7pt.MLNet.Reporting.Sections;

/// <summary>Creates the section on the gates, which shows the sharing of features between tasks.</summary>
internal static class SharingSection
{
    // More arrows than this are not distinguishable.
    private const int MostEdges = 16;

    private static readonly string[] BarHeaders = ["task", "takes", "gives"];

    /// <returns><see langword="null"/> if the tasks share features in another way than by gates.</returns>
    public static Section? Of(ReportInput input)
    {
        if (!input.Model.HasGates)
            return null;
        GateInterpretation gates = input.Model.Gates;
        IReadOnlyList<SharingMatrix> matrices = SharingSteps.Final(gates);
        SharingMatrix overall = matrices[0];
        TaskAffinityGraph graph = Graph(overall);
        return new Section("sharing", "Sharing", "Which task uses whose features",
        [
            Tag.Of("p", "The row's task takes so many percent of the column's features, by its learned gates; its own count in full. Over all blocks each block weighs as many times as it has channels."),
            Slider(input.Model),
            Tag.Of(
                "div",
                ("class", "columns"),
                HeatMap(overall, index: 0),
                Tag.Of("div", Tag.Of("h3", "Taken and given, all blocks"), Bars(overall))),
            Tag.Of("div", ("class", "columns"), matrices.Skip(1).Select((matrix, block) => HeatMap(matrix, index: block + 1))),
            Tag.Of(
                "div",
                ("class", "flows"),
                Tag.Of(
                    "div",
                    Tag.Of("h3", "Strongest flows"),
                    Tag.Of("p", ("class", "small"), graph.Edges.Count == 0
                        ? "The model as kept: no task uses another's features."
                        : $"The model as kept, all blocks: arrows lead from the task that gives to the one that takes; shown are the {graph.Edges.Count} "
                            + $"above {Format.Percent(graph.Cut)}. Tasks that share much stand side by side."),
                    graph.Edges.Count == 0 ? null : Tag.Of("ol", graph.Edges.Select(edge =>
                        Tag.Of("li", $"{edge.Taking.Code} takes {Format.Percent(edge.Weight)} of {edge.Giving.Code}")))),
                AffinityDrawing.Of(graph)),
        ]);
    }

    private static XElement? Slider(Derm7ptMultiTaskTransformer model)
    {
        int steps = SharingSteps.Epochs(model.Gates).Count;
        if (steps == 0)
            return null;
        string last = Format.Exact(steps);
        return Tag.Of(
            "div",
            ("class", "stepper"),
            Tag.Of("label", ("for", "epoch"), "Over the training"),
            Tag.Of("button", ("type", "button"), ("id", "play"), ("aria-pressed", "false"), "Play"),
            Tag.Of("input", ("type", "range"), ("id", "epoch"), ("min", "0"), ("max", last), ("value", last), ("step", "1")),
            Tag.Of("output", ("for", "epoch"), ("id", "epoch-name"), SharingSteps.KeptName(model)));
    }

    private static XElement HeatMap(SharingMatrix matrix, int index)
    {
        (string, string)[] names = [.. matrix.Tasks.Select(task => (task.Code, task.Title))];
        string title = char.ToUpperInvariant(matrix.Name[0]) + matrix.Name[1..];
        XElement table = HeatTable.Of(title, "takes from", names, names, (taking, giving) => taking == giving
            ? new HeatCell("own", 1, IsOwn: true)
            : new HeatCell(
                Format.Write($"{matrix[taking, giving]:F0}"),
                matrix[taking, giving] / 100,
                $"{matrix.Tasks[taking].Title} takes from {matrix.Tasks[giving].Title}"));
        return Tag.Of("div", ("data-matrix", Format.Count(index)), DataTable.Scrolling($"Sharing, {matrix.Name}", table));
    }

    private static XElement Bars(SharingMatrix matrix) => Tag.Of(
        "table",
        ("class", "bars"),
        ("id", "bars"),
        Tag.Of("caption", "Share of the other tasks' features that a task takes, and of its own that they take"),
        Tag.Of("thead", Tag.Of("tr", BarHeaders.Select(name => Tag.Of("th", ("scope", "col"), name)))),
        Tag.Of("tbody", matrix.Tasks.Select((task, index) => Tag.Of(
            "tr",
            Tag.Of("th", ("scope", "row"), Tag.Of("abbr", ("title", task.Title), task.Code)),
            Bar("taken", matrix.Taken(index)),
            Bar("given", matrix.Given(index))))));

    private static XElement Bar(string kind, double value) => Tag.Of(
        "td", ("class", kind), ("style", $"--v:{Format.Short(double.IsFinite(value) ? value : 0)}"), Tag.Of("span", Format.Percent(value)));

    /// <summary>Cuts where few enough edges are left.</summary>
    private static TaskAffinityGraph Graph(SharingMatrix matrix)
    {
        TaskAffinityGraph all = matrix.ToGraph(cut: 0);
        return all.Edges.Count <= MostEdges ? all : matrix.ToGraph(all.Edges[MostEdges].Weight);
    }
}
