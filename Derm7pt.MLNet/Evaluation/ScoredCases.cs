using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents the true labels and predictions of all tasks, read in one pass over scored data.</summary>
/// <param name="Taxonomy">The tasks.</param>
/// <param name="Count">The number of rows.</param>
/// <param name="Tasks">For each task, the cases with a known label.</param>
/// <param name="SevenPointScore">The score of the predicted labels for each row; null if no label has a score.</param>
/// <param name="StoredSevenPointScore">The release's score for each row, NaN if it is missing; null without such a column.</param>
/// <param name="MelanomaProbability">The probability of melanoma for each row; null if the taxonomy has no diagnosis with a melanoma label.</param>
internal sealed record ScoredCases(
    Taxonomy Taxonomy,
    int Count,
    IReadOnlyList<TaskCases> Tasks,
    double[]? SevenPointScore,
    double[]? StoredSevenPointScore,
    double[]? MelanomaProbability)
{
    /// <exception cref="ArgumentOutOfRangeException">Columns are missing or have another type; the message lists all of them.</exception>
    /// <exception cref="InvalidDataException">Texts have become missing labels; the message lists them.</exception>
    /// <exception cref="InvalidOperationException">A prediction is missing or is not a probability; the message names the column and the row.</exception>
    public static ScoredCases Read(IDataView scored, ScoredTaxonomy source)
    {
        Taxonomy taxonomy = source.Taxonomy;
        source.CheckScored(scored.Schema);
        var problems = new List<string>();
        DataViewSchema.Column[] truth = LabelColumns.Find(scored.Schema, taxonomy, problems);
        var columns = new PredictionBinding(scored.Schema, taxonomy, problems);
        if (problems.Count > 0)
            throw source.Misfit(scored.Schema, problems);
        UnknownLabels.RefuseLost(scored, taxonomy, DataRoles.Evaluated);
        using DataViewRowCursor cursor = scored.GetRowCursor([.. truth, .. columns.All]);
        var readers = new TaskReader[truth.Length];
        for (int task = 0; task < readers.Length; task++)
            readers[task] = new TaskReader(taxonomy.Tasks[task], cursor, truth[task], columns.Predicted[task], columns.Scores[task]);
        NumberReader? score = columns.SevenPointScore is { } scoreColumn ? new NumberReader(cursor, scoreColumn) : null;
        NumberReader? stored = columns.StoredSevenPointScore is { } storedColumn ? new NumberReader(cursor, storedColumn) : null;
        NumberReader? melanoma = columns.MelanomaProbability is { } melanomaColumn ? new NumberReader(cursor, melanomaColumn) : null;

        int row = 0;
        for (; cursor.MoveNext(); row++)
        {
            foreach (TaskReader reader in readers)
                reader.Read(row);
            score?.Read(row, mayBeMissing: false);
            stored?.Read(row, mayBeMissing: true);
            melanoma?.Read(row, mayBeMissing: false);
        }

        return new ScoredCases(
            taxonomy, row, [.. readers.Select(reader => reader.Cases)], score?.Values, stored?.Values, melanoma?.Values);
    }

    /// <summary>All cases of several sets, one set after the other.</summary>
    /// <param name="sets">At least one set, all of the same tasks and columns.</param>
    public static ScoredCases Concat(IReadOnlyList<ScoredCases> sets)
    {
        int[] starts = [.. sets.Select((_, set) => sets.Take(set).Sum(cases => cases.Count))];
        return new ScoredCases(
            sets[0].Taxonomy,
            sets.Sum(cases => cases.Count),
            [
                .. sets[0].Tasks.Select((task, i) => new TaskCases(
                    task.Task,
                    [.. sets.SelectMany((cases, set) => cases.Tasks[i].Rows.Select(row => starts[set] + row))],
                    [.. sets.SelectMany(cases => cases.Tasks[i].Truth)],
                    [.. sets.SelectMany(cases => cases.Tasks[i].Predicted)],
                    [.. sets.SelectMany(cases => cases.Tasks[i].Scores)])),
            ],
            Join(cases => cases.SevenPointScore),
            Join(cases => cases.StoredSevenPointScore),
            Join(cases => cases.MelanomaProbability));

        double[]? Join(Func<ScoredCases, double[]?> values) =>
            values(sets[0]) is null ? null : [.. sets.SelectMany(cases => values(cases)!)];
    }

    /// <summary>The columns that a scoring stage adds.</summary>
    private sealed class PredictionBinding
    {
        private readonly DataViewSchema _schema;
        private readonly List<string> _problems;

        public PredictionBinding(DataViewSchema schema, Taxonomy taxonomy, List<string> problems)
        {
            (_schema, _problems) = (schema, problems);
            Predicted = [.. taxonomy.Tasks.Select(task => Find(
                ColumnNames.PredictedLabel(task), "predicted label", column => LabelColumns.Mismatch(column, task, "predicted label")))];
            Scores = [.. taxonomy.Tasks.Select(task =>
                Find(ColumnNames.Score(task), "score", new VectorDataViewType(NumberDataViewType.Single, task.Labels.Count)))];
            if (OutputLayout.HasLabelScores(taxonomy))
                SevenPointScore = Find(ColumnNames.SevenPointScore, "seven-point score", NumberDataViewType.Single);
            if (schema.GetColumnOrNull(ColumnNames.StoredSevenPointScore) is not null)
                StoredSevenPointScore = Find(ColumnNames.StoredSevenPointScore, "stored seven-point score", NumberDataViewType.Single);
            if (OutputLayout.HasMelanomaLabels(taxonomy))
                MelanomaProbability = Find(ColumnNames.MelanomaProbability, "melanoma probability", NumberDataViewType.Single);
        }

        public DataViewSchema.Column[] Predicted { get; }

        public DataViewSchema.Column[] Scores { get; }

        public DataViewSchema.Column? SevenPointScore { get; }

        public DataViewSchema.Column? StoredSevenPointScore { get; }

        public DataViewSchema.Column? MelanomaProbability { get; }

        public IEnumerable<DataViewSchema.Column> All
        {
            get
            {
                DataViewSchema.Column?[] numbers = [SevenPointScore, StoredSevenPointScore, MelanomaProbability];
                return [.. Predicted, .. Scores, .. numbers.OfType<DataViewSchema.Column>()];
            }
        }

        private DataViewSchema.Column Find(string name, string role, DataViewType expected) => Find(name, role, column => column.Type.Equals(expected)
            ? null
            : $"Schema mismatch for {role} column '{name}': expected {expected}, got {column.Type}.");

        private DataViewSchema.Column Find(string name, string role, Func<DataViewSchema.Column, string?> mismatch)
        {
            DataViewSchema.Column? column = _schema.GetColumnOrNull(name);
            string? problem = column is { } found ? mismatch(found) : $"Could not find {role} column '{name}'.";
            if (problem is null)
                return column!.Value;
            _problems.Add(problem);
            return default;
        }
    }

    /// <summary>Collects the cases of one task.</summary>
    private sealed class TaskReader(
        ClassificationTask task,
        DataViewRowCursor cursor,
        DataViewSchema.Column truthColumn,
        DataViewSchema.Column predictedColumn,
        DataViewSchema.Column scoreColumn)
    {
        private readonly ValueGetter<uint> _truth = cursor.GetGetter<uint>(truthColumn);
        private readonly ValueGetter<uint> _predicted = cursor.GetGetter<uint>(predictedColumn);
        private readonly ValueGetter<VBuffer<float>> _scores = cursor.GetGetter<VBuffer<float>>(scoreColumn);
        private readonly List<int> _rows = [];
        private readonly List<int> _truths = [];
        private readonly List<int> _predictions = [];
        private readonly List<double> _probabilities = [];
        private VBuffer<float> _buffer;

        public TaskCases Cases => new(task, [.. _rows], [.. _truths], [.. _predictions], [.. _probabilities]);

        public void Read(int row)
        {
            uint truthKey = 0, predictedKey = 0;
            _truth(ref truthKey);
            // Keys are one-based; 0 is an unknown label.
            if ((int)truthKey - 1 == LabelTable.Missing)
                return;
            _predicted(ref predictedKey);
            if (predictedKey == 0)
                throw new InvalidOperationException(Invariant($"Column '{predictedColumn.Name}' has no value in row {row}."));
            _scores(ref _buffer);
            foreach (float probability in _buffer.DenseValues())
            {
                if (probability is not (>= 0 and <= 1.0001f))
                {
                    throw new InvalidOperationException(
                        Invariant($"Column '{scoreColumn.Name}' holds {probability} in row {row}, which is not a probability."));
                }

                _probabilities.Add(probability);
            }

            _rows.Add(row);
            _truths.Add((int)truthKey - 1);
            _predictions.Add((int)predictedKey - 1);
        }
    }

    /// <summary>Collects a column of numbers.</summary>
    private sealed class NumberReader(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        private readonly ValueGetter<float> _getter = cursor.GetGetter<float>(column);
        private readonly List<double> _values = [];

        public double[] Values => [.. _values];

        public void Read(int row, bool mayBeMissing)
        {
            float value = float.NaN;
            _getter(ref value);
            if (float.IsNaN(value) && !mayBeMissing)
                throw new InvalidOperationException(Invariant($"Column '{column.Name}' has no value in row {row}."));
            _values.Add(value);
        }
    }
}

/// <summary>Represents the cases of one task that have a known label.</summary>
/// <param name="Task">The task.</param>
/// <param name="Rows">The row in the data for each case.</param>
/// <param name="Truth">The zero-based true label for each case.</param>
/// <param name="Predicted">The zero-based predicted label for each case.</param>
/// <param name="Scores">The probabilities of all labels for each case, case by case.</param>
internal sealed record TaskCases(ClassificationTask Task, int[] Rows, int[] Truth, int[] Predicted, double[] Scores)
{
    public int Count => Truth.Length;

    public double Probability(int index, int label) => Scores[(index * Task.Labels.Count) + label];

    public ReadOnlySpan<double> ProbabilitiesOfCase(int index) => Scores.AsSpan(index * Task.Labels.Count, Task.Labels.Count);

    /// <summary>Gets the probability of a label for each case.</summary>
    public double[] Probabilities(int label) => [.. Enumerable.Range(0, Count).Select(i => Probability(i, label))];

    /// <summary>Gets for each case whether it has a label.</summary>
    public bool[] Carry(int label) => Array.ConvertAll(Truth, truth => truth == label);

    /// <summary>
    /// Creates the predictions of the baseline classifier for the same cases: it always predicts the most frequent label, and the
    /// probability of every label is its frequency.
    /// </summary>
    public TaskCases Baseline()
    {
        var counts = new int[Task.Labels.Count];
        foreach (int truth in Truth)
            counts[truth]++;
        int majority = Array.IndexOf(counts, counts.Max());
        double[] frequencies = Array.ConvertAll(counts, count => (double)count / Count);
        var predicted = new int[Count];
        Array.Fill(predicted, majority);
        return this with { Predicted = predicted, Scores = [.. Enumerable.Repeat(frequencies, Count).SelectMany(row => row)] };
    }
}
