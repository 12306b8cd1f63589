using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Evaluation;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Interpretation;

/// <summary>Represents the interpretation of the gates: the features that each task uses of other tasks, per block and per epoch.</summary>
/// <remarks>After each block, task t multiplies every channel of the other tasks by a gate α_t in [0, 1], and its own channels by 1.</remarks>
public sealed partial class GateInterpretation
{
    private readonly IReadOnlyList<float[]> _alphas;
    private readonly TrainingHistory? _history;

    /// <param name="taxonomy">The tasks.</param>
    /// <param name="channels">The number of channels per task, C, for each block.</param>
    /// <param name="alphas">The gates of each block, [T, T·C] in row-major order.</param>
    /// <param name="history">The history of the training; null if it is unknown.</param>
    internal GateInterpretation(Taxonomy taxonomy, IReadOnlyList<int> channels, IReadOnlyList<float[]> alphas, TrainingHistory? history)
    {
        (Taxonomy, ChannelCounts, _alphas, _history) = (taxonomy, channels, alphas, history);
        int tasks = taxonomy.Tasks.Count;
        for (int block = 0; block < channels.Count; block++)
        {
            if (alphas[block].Length != tasks * tasks * channels[block])
            {
                throw new ArgumentException(
                    Invariant($"Block {block + 1} has {alphas[block].Length} gates; ") +
                    Invariant($"{tasks} tasks of {channels[block]} channels have {tasks * tasks * channels[block]}."),
                    nameof(alphas));
            }
        }
    }

    /// <summary>The tasks.</summary>
    internal Taxonomy Taxonomy { get; }

    /// <summary>The number of channels per task, C, for each block. It is the weight of the block in means over all blocks.</summary>
    public IReadOnlyList<int> ChannelCounts { get; }

    /// <summary>The number of blocks.</summary>
    internal int BlockCount => ChannelCounts.Count;

    /// <summary>The sharing after each epoch of the training; empty if it is unknown, as for scored data.</summary>
    /// <remarks>Only the means over channels are stored for each epoch, so that these matrices have no threshold.</remarks>
    public IReadOnlyList<EpochSharing> Epochs => field ??= _history is null ? [] : [.. _history.Epochs.Select(OfEpoch)];

    /// <summary>Reads the gates of a model from the column <c>GateAlphas</c> of scored data. Loaded models create this column too.</summary>
    /// <param name="scored">Scored data with at least one row.</param>
    /// <param name="taxonomy">The tasks; if null, those with which the data were scored.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The column is missing or has another type, its slots are not named after the tasks' gates, or the taxonomy is not that of the data.
    /// </exception>
    /// <exception cref="InvalidOperationException">There is no row.</exception>
    public static GateInterpretation FromScored(IDataView scored, Taxonomy? taxonomy = null)
    {
        ArgumentNullException.ThrowIfNull(scored);
        ScoredTaxonomy source = ScoredTaxonomy.Choose(scored.Schema, taxonomy);
        taxonomy = source.Taxonomy;
        if (scored.Schema.GetColumnOrNull(ColumnNames.GateAlphas) is not { } column)
            throw new ArgumentOutOfRangeException(nameof(scored), $"Could not find gates column '{ColumnNames.GateAlphas}', which a model with gates adds to the data that it scores.");
        bool isSingles = column.Type is VectorDataViewType { Size: > 0, ItemType: var item } && item == NumberDataViewType.Single;
        if (!isSingles || !column.HasSlotNames())
        {
            throw new ArgumentOutOfRangeException(
                nameof(scored),
                $"Schema mismatch for gates column '{ColumnNames.GateAlphas}': expected a named vector of Single, got {column.Type}.");
        }

        int[] channels = ChannelsOf(column, source);
        VBuffer<float> alphas = default;
        using (DataViewRowCursor cursor = scored.GetRowCursor([column]))
        {
            if (!cursor.MoveNext())
                throw new InvalidOperationException("There is no row to read the gates from.");
            cursor.GetGetter<VBuffer<float>>(column)(ref alphas);
        }

        float[] all = [.. alphas.DenseValues()];
        int tasks = taxonomy.Tasks.Count, start = 0;
        var blocks = new float[channels.Length][];
        for (int block = 0; block < blocks.Length; block++)
        {
            int size = tasks * tasks * channels[block];
            blocks[block] = all[start..(start + size)];
            start += size;
        }

        return new GateInterpretation(taxonomy, channels, blocks, history: null);
    }

    /// <summary>Gets the gates through which one task uses the channels of another task after a block: C values in [0, 1].</summary>
    /// <param name="block">The zero-based block.</param>
    /// <param name="taking">The zero-based target task.</param>
    /// <param name="giving">The zero-based source task.</param>
    public ReadOnlySpan<float> Alphas(int block, int taking, int giving)
    {
        CheckIndex(block, BlockCount, nameof(block));
        CheckIndex(taking, Taxonomy.Tasks.Count, nameof(taking));
        CheckIndex(giving, Taxonomy.Tasks.Count, nameof(giving));
        return _alphas[block].AsSpan(((taking * Taxonomy.Tasks.Count) + giving) * ChannelCounts[block], ChannelCounts[block]);
    }

    /// <summary>Computes the sharing after one block.</summary>
    /// <param name="block">The zero-based block.</param>
    /// <param name="threshold">The smallest α of an open gate, in (0, 1]; null to use the values of α.</param>
    public SharingMatrix Block(int block, double? threshold = null)
    {
        CheckIndex(block, BlockCount, nameof(block));
        CheckThreshold(threshold);
        return new SharingMatrix(
            Taxonomy.Tasks,
            Matrix((taking, giving) => 100 * Sum(block, taking, giving, threshold) / ChannelCounts[block]),
            block,
            threshold);
    }

    /// <summary>Computes the sharing over all blocks: the sum of the gates of all blocks divided by the sum of their channels.</summary>
    /// <param name="threshold">The smallest α of an open gate, in (0, 1]; null to use the values of α.</param>
    public SharingMatrix Overall(double? threshold = null)
    {
        CheckThreshold(threshold);
        IEnumerable<int> blocks = Enumerable.Range(0, BlockCount);
        return new SharingMatrix(
            Taxonomy.Tasks,
            Matrix((taking, giving) => 100 * blocks.Sum(block => Sum(block, taking, giving, threshold)) / ChannelCounts.Sum()),
            block: null,
            threshold);
    }

    /// <summary>Writes the matrix of each block, the matrix over all blocks, and the matrices of each epoch as indented JSON.</summary>
    /// <param name="threshold">The smallest α of an open gate, in (0, 1]; null to use the values of α.</param>
    public string ToJson(double? threshold = null) => Export.Text(new JsonObject
    {
        ["channels"] = Export.Array(ChannelCounts, count => JsonValue.Create(count)),
        ["overall"] = Overall(threshold).ToNode(),
        ["blocks"] = Export.Array(Enumerable.Range(0, BlockCount), block => Block(block, threshold).ToNode()),
        ["epochs"] = Export.Array(Epochs, epoch => new JsonObject
        {
            ["epoch"] = epoch.Epoch,
            ["overall"] = epoch.Overall.ToNode(),
        }),
    });

    /// <summary>
    /// Writes all matrices as CSV, one entry per line: <c>block,taking,giving,percent</c>; block is a number from 1 or <c>all</c>.
    /// </summary>
    /// <param name="writer">The writer; it is not closed.</param>
    /// <param name="threshold">The smallest α of an open gate, in (0, 1]; null to use the values of α.</param>
    public void WriteCsv(TextWriter writer, double? threshold = null)
    {
        ArgumentNullException.ThrowIfNull(writer);
        IEnumerable<SharingMatrix> matrices =
            [.. Enumerable.Range(0, BlockCount).Select(block => Block(block, threshold)), Overall(threshold)];
        Export.Csv(
            writer,
            [
                ["block", "taking", "giving", "percent"],
                .. from matrix in matrices
                   from taking in Enumerable.Range(0, matrix.Tasks.Count)
                   from giving in Enumerable.Range(0, matrix.Tasks.Count)
                   select (string[])
                   [
                       matrix.Block is { } block ? Export.Field(block + 1) : "all",
                       matrix.Tasks[taking].Name,
                       matrix.Tasks[giving].Name,
                       Export.Field(matrix[taking, giving]),
                   ],
            ]);
    }

    private EpochSharing OfEpoch(EpochMetrics epoch)
    {
        int tasks = Taxonomy.Tasks.Count, allChannels = ChannelCounts.Sum();
        double Mean(int block, int taking, int giving) => 100.0 * epoch.Sharing[block][(taking * tasks) + giving];
        IEnumerable<int> blocks = Enumerable.Range(0, BlockCount);
        return new EpochSharing(
            epoch.Epoch,
            [
                .. blocks.Select(block =>
                    new SharingMatrix(Taxonomy.Tasks, Matrix((taking, giving) => Mean(block, taking, giving)), block)),
            ],
            new SharingMatrix(
                Taxonomy.Tasks,
                Matrix((taking, giving) => blocks.Sum(block => ChannelCounts[block] * Mean(block, taking, giving)) / allChannels)));
    }

    private double Sum(int block, int taking, int giving, double? threshold)
    {
        double sum = 0;
        foreach (float alpha in Alphas(block, taking, giving))
            sum += threshold is null ? alpha : alpha >= threshold ? 1 : 0;
        return sum;
    }

    private double[,] Matrix(Func<int, int, double> value)
    {
        int tasks = Taxonomy.Tasks.Count;
        var matrix = new double[tasks, tasks];
        for (int taking = 0; taking < tasks; taking++)
        {
            for (int giving = 0; giving < tasks; giving++)
                matrix[taking, giving] = value(taking, giving);
        }

        return matrix;
    }

    private static int[] ChannelsOf(DataViewSchema.Column column, ScoredTaxonomy source)
    {
        VBuffer<ReadOnlyMemory<char>> buffer = default;
        column.GetSlotNames(ref buffer);
        string[] names = [.. buffer.DenseValues().Select(name => name.ToString())];
        int pairs = source.Taxonomy.Tasks.Count * source.Taxonomy.Tasks.Count;
        int[] channels = [.. names.GroupBy(name => BlockPrefix.Match(name).Value).Select(block => block.Count() / pairs)];
        if (GateSlotNames.Create(source.Taxonomy, channels).SequenceEqual(names))
            return channels;
        string[] tasks = [.. names.Select(name => TakingTask.Match(name).Groups[1].Value).Distinct()];
        throw new ArgumentOutOfRangeException(
            nameof(column),
            $"The slots of column '{ColumnNames.GateAlphas}' are not the gates between the tasks of {source.Description}" +
            (tasks.Contains("") ? "." : $", but those between {string.Join(", ", tasks)}. {ScoredTaxonomy.Advice}"));
    }

    private static void CheckIndex(int index, int count, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count, name);
    }

    private static void CheckThreshold(double? threshold)
    {
        if (threshold is not (null or (> 0 and <= 1)))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "A threshold for gates is in (0, 1].");
    }

    [GeneratedRegex(@"^Block\d+\.")]
    private static partial Regex BlockPrefix { get; }

    [GeneratedRegex(@"^Block\d+\.(.+)<-")]
    private static partial Regex TakingTask { get; }
}

/// <summary>Represents the sharing after one epoch of the training.</summary>
public sealed class EpochSharing
{
    internal EpochSharing(int epoch, IReadOnlyList<SharingMatrix> blocks, SharingMatrix overall) =>
        (Epoch, Blocks, Overall) = (epoch, blocks, overall);

    /// <summary>The one-based epoch.</summary>
    public int Epoch { get; }

    /// <summary>The sharing after each block.</summary>
    public IReadOnlyList<SharingMatrix> Blocks { get; }

    /// <summary>The sharing over all blocks, weighted by their numbers of channels.</summary>
    public SharingMatrix Overall { get; }
}
