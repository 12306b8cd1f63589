using System.Globalization;
using System.Text.Json.Nodes;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet.Interpretation;

/// <summary>Represents how much each task uses of the features of every task, in percent. Rows are target tasks, columns source tasks.</summary>
/// <remarks>
/// For a block with C channels per task, sharing(t, i) = 100 · Σ over the channels c of task i of α_t,c / C. For several blocks, it
/// is 100 · Σ over the channels of all blocks of α / Σ of their channels, so that a block is weighted by its number of channels.
/// With a threshold θ, α is replaced by 1 if α ≥ θ and by 0 otherwise, so that the values are percentages of open gates. A task
/// uses all of its own features (100).
/// </remarks>
public sealed class SharingMatrix
{
    private readonly double[,] _percent;

    internal SharingMatrix(IReadOnlyList<ClassificationTask> tasks, double[,] percent, int? block = null, double? threshold = null) =>
        (Tasks, _percent, Block, Threshold) = (tasks, percent, block, threshold);

    /// <summary>The tasks of the rows and of the columns.</summary>
    public IReadOnlyList<ClassificationTask> Tasks { get; }

    /// <summary>The zero-based block, or <see langword="null"/> for a matrix over all blocks.</summary>
    internal int? Block { get; }

    /// <summary>The smallest α of an open gate, or <see langword="null"/> if the values of α are used.</summary>
    internal double? Threshold { get; }

    /// <summary>The matrix' name: <c>block 1</c> for the first block, or <c>all blocks</c>.</summary>
    public string Name => Block is { } block ? Invariant($"block {block + 1}") : "all blocks";

    /// <summary>Gets how much a task uses of another task's features, in percent: 0 to 100, and 100 for its own features.</summary>
    /// <param name="taking">The zero-based target task.</param>
    /// <param name="giving">The zero-based source task.</param>
    public double this[int taking, int giving] => _percent[taking, giving];

    /// <summary>Computes how much a task uses of the other tasks' features, as a mean fraction in [0, 1]; NaN if there are no other tasks.</summary>
    /// <remarks>taken(t) = Σ over i ≠ t of sharing(t, i) / (100 · (T − 1)), the mean of the row without the diagonal.</remarks>
    public double Taken(int task) => DefinedValues.Mean(Others(task).Select(other => this[task, other] / 100));

    /// <summary>Computes how much the other tasks use of a task's features, as a mean fraction in [0, 1]; NaN if there are no other tasks.</summary>
    /// <remarks>given(t) = Σ over i ≠ t of sharing(i, t) / (100 · (T − 1)), the mean of the column without the diagonal.</remarks>
    public double Given(int task) => DefinedValues.Mean(Others(task).Select(other => this[other, task] / 100));

    /// <summary>
    /// The mean of all entries off the diagonal, as a fraction in [0, 1]; NaN with one task.
    /// </summary>
    public double MeanSharing => DefinedValues.Mean(Enumerable.Range(0, Tasks.Count).Select(Taken));

    /// <summary>Computes the affinity of two tasks, averaged over both directions: (sharing(t, i) + sharing(i, t)) / 2, in percent.</summary>
    internal double Affinity(int task, int other) => (this[task, other] + this[other, task]) / 2;

    /// <summary>Computes an order for heat maps, in which tasks that share many features are close to each other.</summary>
    /// <remarks>
    /// Hierarchical clustering with average linkage (UPGMA; Sokal and Michener 1958) on the distance 100 − affinity; when two
    /// clusters are joined, each may be reversed so that the ends with the highest affinity are adjacent.
    /// </remarks>
    /// <returns>The zero-based indexes of the tasks.</returns>
    public IReadOnlyList<int> ClusterOrder() => ClusterOrdering.Order(Tasks.Count, Affinity);

    /// <summary>Creates the graph of the features that tasks use of each other.</summary>
    /// <param name="cut">The fraction above which shared features become an edge, in [0, 1].</param>
    public TaskAffinityGraph ToGraph(double cut = 0.5) => TaskAffinityGraph.Of(this, cut);

    /// <summary>Returns the values in percent with the tasks' names. Rows are target tasks, columns source tasks.</summary>
    public override string ToString() => TextTable.Align(
    [
        ["takes from", .. Tasks.Select(task => task.Code)],
        .. Tasks.Select((task, row) => (string[])
            [$"{task.Name} ({task.Code})", .. Row(row).Select(percent => percent.ToString("F1", CultureInfo.InvariantCulture))]),
    ]);

    /// <summary>Writes the matrix with its taken and given fractions as indented JSON.</summary>
    public string ToJson() => Export.Text(ToNode());

    /// <summary>Writes the matrix as CSV: a line with the source tasks, then a line for each target task.</summary>
    /// <param name="writer">The writer; it is not closed.</param>
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
