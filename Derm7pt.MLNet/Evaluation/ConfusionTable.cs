using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents the number of predictions of each label for each true label, and the measures computed from it.</summary>
/// <remarks>
/// Macro averages run over the labels that occur in the truth or in the predictions; a precision or recall whose
/// denominator is 0 is 0, as in scikit-learn with <c>zero_division=0</c>.
/// </remarks>
public sealed class ConfusionTable
{
    private readonly int[,] _counts;

    /// <summary>Creates an empty table.</summary>
    internal ConfusionTable(IReadOnlyList<TaskLabel> labels) => (Labels, _counts) = (labels, new int[labels.Count, labels.Count]);

    /// <summary>The labels of the rows and of the columns, in taxonomy order.</summary>
    public IReadOnlyList<TaskLabel> Labels { get; }

    /// <summary>The total number of cases.</summary>
    internal int Total { get; private set; }

    /// <summary>Gets the number of cases with a true label and a predicted label, both zero-based.</summary>
    public int this[int truth, int predicted] => _counts[truth, predicted];

    /// <summary>Adds one case.</summary>
    /// <param name="truth">The zero-based true label.</param>
    /// <param name="predicted">The zero-based predicted label.</param>
    internal void Add(int truth, int predicted) => Add(truth, predicted, times: 1);

    /// <summary>Adds one case several times, as it may occur in a bootstrap sample.</summary>
    internal void Add(int truth, int predicted, int times)
    {
        _counts[truth, predicted] += times;
        Total += times;
    }

    /// <summary>The share of correctly predicted cases; NaN without cases.</summary>
    internal double Accuracy => (double)Indexes.Sum(label => _counts[label, label]) / Total;

    /// <summary>The unweighted mean of the recalls of the labels that occur in the truth, in [0, 1]; NaN without cases.</summary>
    /// <remarks>This equals scikit-learn's <c>balanced_accuracy_score</c> and the macro accuracy of ML.NET's evaluator.</remarks>
    internal double BalancedAccuracy =>
        Indexes.Where(label => Support(label) > 0).Select(Recall).DefaultIfEmpty(double.NaN).Average();

    /// <summary>The unweighted mean of the labels' recalls, in [0, 1].</summary>
    /// <remarks>
    /// It is lower than <see cref="BalancedAccuracy"/> if a label was predicted that does not occur in the truth, and equal otherwise.
    /// </remarks>
    internal double MacroRecall => Macro(Recall);

    /// <summary>The unweighted mean of the labels' precisions, in [0, 1].</summary>
    internal double MacroPrecision => Macro(Precision);

    /// <summary>The unweighted mean of the labels' F1 measures, in [0, 1].</summary>
    internal double MacroF1 => Macro(F1);

    /// <summary>Gets the number of cases whose true label is the specified label.</summary>
    public int Support(int label) => Indexes.Sum(predicted => _counts[label, predicted]);

    /// <summary>Gets the number of cases whose predicted label is the specified label.</summary>
    public int Predicted(int label) => Indexes.Sum(truth => _counts[truth, label]);

    /// <summary>Computes the share of a label's cases that were predicted correctly (sensitivity); 0 if it has no cases.</summary>
    internal double Recall(int label) => Ratio(_counts[label, label], Support(label));

    /// <summary>Computes the share of a label's predictions that are correct; 0 if it was never predicted.</summary>
    internal double Precision(int label) => Ratio(_counts[label, label], Predicted(label));

    /// <summary>Computes the harmonic mean of precision and recall; 0 if both are 0.</summary>
    internal double F1(int label) => Ratio(2 * _counts[label, label], Support(label) + Predicted(label));

    /// <summary>Counts the decisions for one label against the rest: a case is positive if it has the label.</summary>
    internal BinaryCounts OneAgainstRest(int label)
    {
        int found = _counts[label, label];
        int falsePositives = Predicted(label) - found, falseNegatives = Support(label) - found;
        return new BinaryCounts(found, falsePositives, Total - found - falsePositives - falseNegatives, falseNegatives);
    }

    /// <summary>Returns the table with the labels' names: a row for each true label, a column for each predicted label, and the sums.</summary>
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
