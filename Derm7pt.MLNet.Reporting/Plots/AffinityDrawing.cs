using System.Xml.Linq;
using Derm7pt.MLNet.Interpretation;
using Derm7pt.MLNet.Reporting.Html;

namespace Derm7pt.MLNet.Reporting.Plots;

/// <summary>Draws the sharing of features between tasks, with the tasks on a circle and tasks that share many features next to each other.</summary>
internal static class AffinityDrawing
{
    private const double Size = 460, Center = Size / 2, Circle = 165, Node = 34;

    public static XElement Of(TaskAffinityGraph graph)
    {
        IReadOnlyList<ClassificationTask> tasks = graph.Sharing.Tasks;
        IReadOnlyList<int> order = graph.Sharing.ClusterOrder();
        var places = new Dictionary<string, (double X, double Y)>();
        for (int i = 0; i < order.Count; i++)
        {
            double angle = (2 * Math.PI * i / order.Count) - (Math.PI / 2);
            places[tasks[order[i]].Name] = (Center + (Circle * Math.Cos(angle)), Center + (Circle * Math.Sin(angle)));
        }

        double heaviest = graph.Edges.Select(edge => edge.Weight).DefaultIfEmpty(1).Max();
        return Tag.Of(
            "svg",
            ("viewBox", Format.Write($"0 0 {Size} {Size}")),
            ("class", "graph"),
            ("role", "img"),
            ("aria-label", Describe(graph)),
            Tag.Of("defs", Tag.Of(
                "marker",
                ("id", "arrow"), ("viewBox", "0 0 8 8"), ("refX", "7"), ("refY", "4"), ("markerWidth", "9"), ("markerHeight", "9"),
                ("markerUnits", "userSpaceOnUse"), ("orient", "auto"),
                Tag.Of("path", ("d", "M0 0L8 4L0 8z")))),
            graph.Edges.Reverse().Select(edge => Edge(edge, places[edge.Giving.Name], places[edge.Taking.Name], heaviest)),
            tasks.Select((task, index) => Tag.Of(
                "g",
                ("class", task.Kind == TaskKind.Diagnosis ? "node diagnosis" : "node"),
                Tag.Of("circle", ("cx", Format.Short(places[task.Name].X)), ("cy", Format.Short(places[task.Name].Y)), ("r", Format.Short(Node))),
                Tag.Of("text", ("x", Format.Short(places[task.Name].X)), ("y", Format.Short(places[task.Name].Y)), task.Code),
                Tag.Of("title", task.Title))));
    }

    private static XElement Edge(TaskAffinityEdge edge, (double X, double Y) from, (double X, double Y) to, double heaviest)
    {
        double dx = to.X - from.X, dy = to.Y - from.Y, length = Math.Sqrt((dx * dx) + (dy * dy));
        (double ux, double uy) = (dx / length, dy / length);
        // Bent to its left, so that the arrow in the opposite direction does not cover it.
        const double Bend = 0.12, Turn = 0.3;
        (double X, double Y) middle = (((from.X + to.X) / 2) + (uy * Bend * length), ((from.Y + to.Y) / 2) - (ux * Bend * length));
        (double X, double Y) Rim((double X, double Y) center, double sign, double radius) => (
            center.X + (radius * ((sign * ux) + (Turn * uy))),
            center.Y + (radius * ((sign * uy) - (Turn * ux))));
        (double X, double Y) start = Rim(from, 1, Node), end = Rim(to, -1, Node + 3);
        return Tag.Of(
            "path",
            ("class", "edge"),
            ("d", Format.Write($"M{start.X:F1} {start.Y:F1}Q{middle.X:F1} {middle.Y:F1} {end.X:F1} {end.Y:F1}")),
            ("style", Format.Write($"stroke-width:{1 + (3.5 * edge.Weight / heaviest):F2};opacity:{0.35 + (0.65 * edge.Weight / heaviest):F2}")),
            ("marker-end", "url(#arrow)"),
            Tag.Of("title", $"{edge.Taking.Title} takes {Format.Percent(edge.Weight)} of {edge.Giving.Title}"));
    }

    private static string Describe(TaskAffinityGraph graph) =>
        graph.Edges.Count == 0
            ? "No task uses another's features."
            : "From giving to taking task: " + string.Join(
                "; ", graph.Edges.Select(edge => $"{edge.Giving.Title} to {edge.Taking.Title} {Format.Percent(edge.Weight)}"));
}
