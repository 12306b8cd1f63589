using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Evaluation;

/// <summary>Computes the main measures for resampled cases.</summary>
internal sealed class Bootstrap
{
    private const int PerTask = 4;

    private readonly ScoredCases _cases;
    private readonly RankOrder[][] _orders;
    private readonly MelanomaCases? _melanomaCases;
    private readonly RankOrder? _melanomaOrder;

    public Bootstrap(ScoredCases cases, MelanomaCases? melanoma)
    {
        (_cases, _melanomaCases) = (cases, melanoma);
        // The cases are sorted once, because a sample changes their weights but not their order.
        _orders =
        [
            .. cases.Tasks.Select(task => Enumerable.Range(0, task.Task.Labels.Count)
                .Select(label => new RankOrder(task.Probabilities(label), task.Carry(label))).ToArray()),
        ];
        _melanomaOrder = melanoma is null ? null : new RankOrder(melanoma.Probabilities, melanoma.IsMelanoma);
    }

    /// <summary>Draws the samples and computes the intervals. A sample depends only on the seed and its number, not on threads.</summary>
    public BootstrapIntervals Run(int resamples, double level, int seed)
    {
        var ones = new int[_cases.Count];
        Array.Fill(ones, 1);
        double[] estimates = Measure(ones);
        var samples = new double[resamples][];
        Parallel.For(0, resamples, sample => samples[sample] = Measure(Draw(seed, sample)));

        ConfidenceInterval Interval(int measure)
        {
            double[] sorted = DefinedValues.Sort(samples.Select(sample => sample[measure]));
            return new ConfidenceInterval(
                estimates[measure],
                DefinedValues.Quantile(sorted, (1 - level) / 2),
                DefinedValues.Quantile(sorted, (1 + level) / 2));
        }

        TaskIntervals Intervals(int group)
        {
            int first = PerTask * group;
            return new TaskIntervals(Interval(first), Interval(first + 1), Interval(first + 2), Interval(first + 3));
        }

        int tasks = _cases.Tasks.Count;
        return new BootstrapIntervals(
            resamples,
            level,
            [.. Enumerable.Range(0, tasks).Select(Intervals)],
            Intervals(tasks),
            Intervals(tasks + 1),
            _melanomaOrder is null ? null : Interval(PerTask * (tasks + 2)));
    }

    /// <summary>Draws the number of times that each row occurs in a sample.</summary>
    private int[] Draw(int seed, int sample)
    {
        Random random = SeedSequence.Random(seed, SeedSequence.Purpose.Bootstrap, sample);
        var times = new int[_cases.Count];
        for (int i = 0; i < times.Length; i++)
            times[random.Next(times.Length)]++;
        return times;
    }

    /// <summary>Computes the measures of each task, of the means over all tasks and over the criteria, and the melanoma AUROC.</summary>
    private double[] Measure(int[] times)
    {
        int tasks = _cases.Tasks.Count;
        var measures = new double[(PerTask * (tasks + 2)) + 1];
        for (int task = 0; task < tasks; task++)
            Measure(task, times, measures.AsSpan(PerTask * task, PerTask));
        for (int i = 0; i < PerTask; i++)
        {
            double Mean(IEnumerable<int> some) => DefinedValues.Mean(some.Select(task => measures[(PerTask * task) + i]));
            IEnumerable<int> all = Enumerable.Range(0, tasks);
            measures[(PerTask * tasks) + i] = Mean(all);
            measures[(PerTask * (tasks + 1)) + i] = Mean(all.Where(task => _cases.Tasks[task].Task.Kind == TaskKind.Criterion));
        }

        measures[^1] = _melanomaOrder?.Auroc(Of(_melanomaCases!.Rows, times)) ?? double.NaN;
        return measures;
    }

    private void Measure(int task, int[] times, Span<double> measures)
    {
        TaskCases cases = _cases.Tasks[task];
        int[] own = Of(cases.Rows, times);
        var confusion = new ConfusionTable(cases.Task.Labels);
        for (int i = 0; i < own.Length; i++)
            confusion.Add(cases.Truth[i], cases.Predicted[i], own[i]);
        measures[0] = confusion.Accuracy;
        measures[1] = confusion.BalancedAccuracy;
        measures[2] = confusion.MacroF1;
        measures[3] = DefinedValues.Mean(_orders[task].Select(order => order.Auroc(own)));
    }

    private static int[] Of(int[] rows, int[] times) => Array.ConvertAll(rows, row => times[row]);
}
