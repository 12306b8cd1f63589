namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents the evaluation of one classifier's predictions for a task.</summary>
public sealed class ClassifierEvaluation
{
    // ML.NET's evaluator uses this value for a probability of 0, whose logarithm is not finite.
    internal const double SmallestProbability = 1e-15;

    private ClassifierEvaluation(
        ConfusionTable confusion, IReadOnlyList<LabelEvaluation> labels, Calibration calibration, double logLoss)
    {
        (Confusion, Labels, Calibration) = (confusion, labels, calibration);
        bool any = confusion.Total > 0;
        Measures = new TaskMeasures(
            confusion.Accuracy,
            confusion.BalancedAccuracy,
            confusion.MacroRecall,
            confusion.MacroPrecision,
            confusion.MacroF1,
            DefinedValues.Mean(labels.Select(label => label.Ranking.Auroc)),
            DefinedValues.Mean(labels.Select(label => label.Ranking.AveragePrecision)),
            any ? logLoss : double.NaN,
            calibration.ExpectedError);
    }

    /// <summary>The confusion table of true and predicted labels.</summary>
    public ConfusionTable Confusion { get; }

    /// <summary>The measures of the task as a whole.</summary>
    public TaskMeasures Measures { get; }

    /// <summary>The evaluations of each label against the rest, in taxonomy order.</summary>
    public IReadOnlyList<LabelEvaluation> Labels { get; }

    /// <summary>The calibration of the predicted label's probability.</summary>
    public Calibration Calibration { get; }

    internal static ClassifierEvaluation Of(TaskCases cases, int calibrationBins)
    {
        var confusion = new ConfusionTable(cases.Task.Labels);
        var confidences = new double[cases.Count];
        var hits = new bool[cases.Count];
        double loss = 0;
        for (int i = 0; i < cases.Count; i++)
        {
            (int truth, int predicted) = (cases.Truth[i], cases.Predicted[i]);
            confusion.Add(truth, predicted);
            (confidences[i], hits[i]) = (cases.Probability(i, predicted), truth == predicted);
            loss -= Math.Log(Math.Max(cases.Probability(i, truth), SmallestProbability));
        }

        LabelEvaluation[] labels =
        [
            .. cases.Task.Labels.Select((label, index) => new LabelEvaluation(
                label, confusion.OneAgainstRest(index), new BinaryRanking(cases.Probabilities(index), cases.Carry(index)))),
        ];
        return new ClassifierEvaluation(confusion, labels, new Calibration(confidences, hits, calibrationBins), loss / cases.Count);
    }
}
