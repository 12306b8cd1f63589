using System.Globalization;
using System.Text.Json.Nodes;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet.Interpretation;

/// <summary>How much of every task's features each task takes, in percent: rows take, columns give.</summary>
/// <remarks>
/// Of a block with C channels a task, sharing(t, i) = 100 · Σ over the channels c of task i of α_t,c / C; of several blocks,
/// 100 · Σ over all blocks' channels of α / Σ of their channels, so a block counts as many times as it has channels. With a
/// threshold θ, an α counts as 1 where α ≥ θ and as 0 otherwise: the percentage of open gates. A task takes all of its own
/// features (100).
/// </remarks>
public sealed class SharingMatrix
{
    private readonly double[,] _percent;

    internal SharingMatrix(IReadOnlyList<ClassificationTask> tasks, double[,] percent, int? block = null, double? threshold = null) =>
        (Tasks, _percent, Block, Threshold) = (tasks, percent, block, threshold);

    /// <summary>The tasks of the rows and of the columns.</summary>
    public IReadOnlyList<ClassificationTask> Tasks { get; }

    /// <summary>The zero-based block, or <see langword="null"/> if the matrix is over all blocks.</summary>
    internal int? Block { get; }

    /// <summary>The α from which on a gate counts as open, or <see langword="null"/> if α counts as it is.</summary>
    internal double? Threshold { get; }

    /// <summary>The matrix' name: <c>block 1</c> for the first block, or <c>all blocks</c>.</summary>
    public string Name => Block is { } block ? Invariant($"block {block + 1}") : "all blocks";

    /// <summary>What a task takes of another's features, in percent: 0 to 100, and 100 of its own.</summary>
    /// <param name="taking">The zero-based task that takes.</param>
    /// <param name="giving">The zero-based task that gives.</param>
    public double this[int taking, int giving] => _percent[taking, giving];

    /// <summary>The mean over the other tasks of what a task takes of them, as a fraction in [0, 1]; NaN if there are none.</summary>
    /// <remarks>taken(t) = Σ over i ≠ t of sharing(t, i) / (100 · (T − 1)): the mean of the row without the diagonal.</remarks>
    public double Taken(int task) => DefinedValues.Mean(Others(task).Select(other => this[task, other] / 100));

    /// <summary>The mean over the other tasks of what they take of a task, as a fraction in [0, 1]; NaN if there are none.</summary>
    /// <remarks>given(t) = Σ over i ≠ t of sharing(i, t) / (100 · (T − 1)): the mean of the column without the diagonal.</remarks>
    public double Given(int task) => DefinedValues.Mean(Others(task).Select(other => this[other, task] / 100));

    /// <summary>
    /// The mean of all entries off the diagonal, as a fraction in [0, 1]: how much the tasks share at all; NaN with one task.
    /// </summary>
    public double MeanSharing => DefinedValues.Mean(Enumerable.Range(0, Tasks.Count).Select(Taken));

    /// <summary>How close two tasks are, whichever takes: (sharing(t, i) + sharing(i, t)) / 2, in percent.</summary>
    internal double Affinity(int task, int other) => (this[task, other] + this[other, task]) / 2;

    /// <summary>An order of the tasks in which those that share much stand together, for heat maps.</summary>
    /// <remarks>
    /// Hierarchical clustering with average linkage (UPGMA; Sokal and Michener 1958) on the distance 100 − affinity; of two
    /// clusters that are joined, each may be turned round so that the closest ends meet.
    /// </remarks>
    /// <returns>The zero-based tasks, each once.</returns>
    public IReadOnlyList<int> ClusterOrder() => ClusterOrdering.Order(Tasks.Count, Affinity);

    /// <summary>The graph of what flows from task to task.</summary>
    /// <param name="cut">Only what is taken to more than this fraction becomes an edge, in [0, 1].</param>
    public TaskAffinityGraph ToGraph(double cut = 0.5) => TaskAffinityGraph.Of(this, cut);

    /// <summary>The values in percent with the tasks' names: rows take, columns give.</summary>
    public override string ToString() => TextTable.Align(
    [
        ["takes from", .. Tasks.Select(task => task.Code)],
        .. Tasks.Select((task, row) => (string[])
            [$"{task.Name} ({task.Code})", .. Row(row).Select(percent => percent.ToString("F1", CultureInfo.InvariantCulture))]),
    ]);

    /// <summary>Writes the matrix with its taken and given fractions as indented JSON.</summary>
    public string ToJson() => Export.Text(ToNode());

    /// <summary>Writes the matrix as CSV: a line with the giving tasks, then a line for each taking task.</summary>
    /// <param name="writer">Where to write; it stays open.</param>
    public void WriteCsv(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Export.Csv(
            writer,
            [
                ["takes from", .. Tasks.Select(task => task.Name)],
                .. Tasks.Select((task, row) => (string[])[task.Name, .. Row(row).Select(Export.Field)]),
            ]);
    }

    internal JsonObject ToNode() => new()
    {
        ["name"] = Name,
        ["block"] = Block is { } block ? block + 1 : null,
        ["threshold"] = Threshold,
        ["tasks"] = Export.Array(Tasks, task => task.Name),
        ["percent"] = Export.Array(Enumerable.Range(0, Tasks.Count), row => Export.Array(Row(row), Export.Number)),
        ["taken"] = Export.Array(Enumerable.Range(0, Tasks.Count), task => Export.Number(Taken(task))),
        ["given"] = Export.Array(Enumerable.Range(0, Tasks.Count), task => Export.Number(Given(task))),
    };

    private IEnumerable<double> Row(int taking) => Enumerable.Range(0, Tasks.Count).Select(giving => this[taking, giving]);

    private IEnumerable<int> Others(int task) => Enumerable.Range(0, Tasks.Count).Where(other => other != task);
}
