using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Evaluation;

/// <summary>How often each label was predicted for each true label, and the measures that follow from it.</summary>
/// <remarks>
/// Macro averages run over the labels that occur in the truth or in the predictions; a precision or recall whose
/// denominator is 0 counts as 0, as in scikit-learn with <c>zero_division=0</c>.
/// </remarks>
public sealed class ConfusionTable
{
    private readonly int[,] _counts;

    /// <summary>Creates an empty table.</summary>
    internal ConfusionTable(IReadOnlyList<TaskLabel> labels) => (Labels, _counts) = (labels, new int[labels.Count, labels.Count]);

    /// <summary>The labels of the rows and of the columns, in taxonomy order.</summary>
    public IReadOnlyList<TaskLabel> Labels { get; }

    /// <summary>The number of cases counted.</summary>
    internal int Total { get; private set; }

    /// <summary>The number of cases with this true label that were given this prediction (both zero-based).</summary>
    public int this[int truth, int predicted] => _counts[truth, predicted];

    /// <summary>Counts one case.</summary>
    /// <param name="truth">The zero-based true label.</param>
    /// <param name="predicted">The zero-based predicted label.</param>
    internal void Add(int truth, int predicted) => Add(truth, predicted, times: 1);

    /// <summary>Counts one case several times, as a bootstrap sample may hold it.</summary>
    internal void Add(int truth, int predicted, int times)
    {
        _counts[truth, predicted] += times;
        Total += times;
    }

    /// <summary>The share of cases predicted as they are; NaN without cases.</summary>
    internal double Accuracy => (double)Indexes.Sum(label => _counts[label, label]) / Total;

    /// <summary>The unweighted mean of the recalls of the labels that occur in the truth, in [0, 1]; NaN without cases.</summary>
    /// <remarks>As scikit-learn's <c>balanced_accuracy_score</c> and the macro accuracy of ML.NET's evaluator.</remarks>
    internal double BalancedAccuracy =>
        Indexes.Where(label => Support(label) > 0).Select(Recall).DefaultIfEmpty(double.NaN).Average();

    /// <summary>The unweighted mean of the labels' recalls, in [0, 1].</summary>
    /// <remarks>
    /// Lower than <see cref="BalancedAccuracy"/> where a label was predicted that does not occur in the truth, and otherwise equal.
    /// </remarks>
    internal double MacroRecall => Macro(Recall);

    /// <summary>The unweighted mean of the labels' precisions, in [0, 1].</summary>
    internal double MacroPrecision => Macro(Precision);

    /// <summary>The unweighted mean of the labels' F1 measures, in [0, 1].</summary>
    internal double MacroF1 => Macro(F1);

    /// <summary>The number of cases whose true label this is.</summary>
    public int Support(int label) => Indexes.Sum(predicted => _counts[label, predicted]);

    /// <summary>The number of cases that were given this label.</summary>
    public int Predicted(int label) => Indexes.Sum(truth => _counts[truth, label]);

    /// <summary>The share of a label's cases that were found (sensitivity); 0 if it has none.</summary>
    internal double Recall(int label) => Ratio(_counts[label, label], Support(label));

    /// <summary>The share of a label's predictions that are right; 0 if it was never predicted.</summary>
    internal double Precision(int label) => Ratio(_counts[label, label], Predicted(label));

    /// <summary>The harmonic mean of precision and recall; 0 if both are.</summary>
    internal double F1(int label) => Ratio(2 * _counts[label, label], Support(label) + Predicted(label));

    /// <summary>One label against the rest: a case is positive where it carries the label.</summary>
    internal BinaryCounts OneAgainstRest(int label)
    {
        int found = _counts[label, label];
        int falsePositives = Predicted(label) - found, falseNegatives = Support(label) - found;
        return new BinaryCounts(found, falsePositives, Total - found - falsePositives - falseNegatives, falseNegatives);
    }

    /// <summary>The table with the labels' names: a row for each true label, a column for each predicted one, and the sums.</summary>
    public override string ToString() => TextTable.Align(
    [
        ["true \\ predicted", .. Labels.Select(label => label.Name), "sum"],
        .. Indexes.Select(truth =>
            Row(Labels[truth].Name, [.. Indexes.Select(predicted => _counts[truth, predicted]), Support(truth)])),
        Row("sum", [.. Indexes.Select(Predicted), Total]),
    ]);

    private static string[] Row(string name, IEnumerable<int> counts) => [name, .. counts.Select(TextTable.Count)];

    private IEnumerable<int> Indexes => Enumerable.Range(0, Labels.Count);

    private double Macro(Func<int, double> measure) =>
        Indexes.Where(label => Support(label) + Predicted(label) > 0).Select(measure).DefaultIfEmpty(double.NaN).Average();

    private static double Ratio(int part, int whole) => whole == 0 ? 0 : (double)part / whole;
}
