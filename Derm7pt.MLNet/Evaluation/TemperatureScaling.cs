using System.Numerics.Tensors;

namespace Derm7pt.MLNet.Evaluation;

/// <summary>
/// Represents one temperature per task, fitted on validation cases, which calibrates probabilities without changing predictions.
/// </summary>
/// <remarks>
/// <para>Probabilities p become softmax(log p / T), which equals softmax(z / T) of the logits z. T &gt; 1 makes them less
/// confident, T &lt; 1 more confident. The order of the labels, and therefore the predicted label, does not change
/// (Guo et al., <i>On Calibration of Modern Neural Networks</i>, ICML 2017).</para>
/// <para>T minimizes the mean negative log-likelihood (NLL) of the true labels. The NLL is convex in 1/T, so its minimum is
/// found by bisection of the derivative, mean(E_q[log p] − log p(true label)) with q = softmax(log p / T), in
/// [0.05, 20]. If the NLL decreases toward a bound, the result is that
/// bound, for example the lower one if all predictions are correct.</para>
/// </remarks>
public sealed class TemperatureScaling
{
    /// <summary>The lowest temperature considered.</summary>
    internal const double MinimumTemperature = 0.05;

    /// <summary>The highest temperature considered.</summary>
    internal const double MaximumTemperature = 20;

    // After this many bisections of the logarithm, the relative width of the interval is below 1e-15.
    private const int Halvings = 53;

    private readonly IReadOnlyList<ClassificationTask> _tasks;

    private TemperatureScaling(IReadOnlyList<ClassificationTask> tasks, IReadOnlyList<double> temperatures) =>
        (_tasks, Temperatures) = (tasks, temperatures);

    /// <summary>The temperature of each task, in the order of the evaluation's; 1 if a task has no validation case.</summary>
    public IReadOnlyList<double> Temperatures { get; }

    /// <summary>Fits a temperature for every task.</summary>
    /// <param name="validation">The evaluation of cases that are used neither for training nor for testing the network.</param>
    public static TemperatureScaling Fit(MultiTaskEvaluation validation)
    {
        ArgumentNullException.ThrowIfNull(validation);
        return new TemperatureScaling(
            [.. validation.Tasks.Select(task => task.Task)], [.. validation.Tasks.Select(task => Fit(task.Cases))]);
    }

    /// <summary>Scales the probabilities of one case.</summary>
    /// <param name="probabilities">The probabilities of a task's labels.</param>
    /// <param name="temperature">T, positive; 1 leaves the probabilities unchanged.</param>
    /// <returns>softmax(log p / T), where p is at least 1e-15.</returns>
    public static double[] Scale(ReadOnlySpan<double> probabilities, double temperature)
    {
        if (!(temperature > 0))
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "A temperature must be positive.");
        var scaled = new double[probabilities.Length];
        for (int i = 0; i < scaled.Length; i++)
            scaled[i] = Log(probabilities[i]) / temperature;
        TensorPrimitives.SoftMax<double>(scaled, scaled);
        return scaled;
    }

    /// <summary>Computes the effect of the temperatures on cases: the validation cases, or preferably other cases.</summary>
    /// <param name="evaluation">The evaluation of the cases, with the same tasks.</param>
    /// <returns>For each task, the log-loss and the calibration before and after scaling.</returns>
    public IReadOnlyList<TemperatureEffect> Compare(MultiTaskEvaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        if (!evaluation.Tasks.Select(task => task.Task.Name).SequenceEqual(_tasks.Select(task => task.Name)))
        {
            throw new ArgumentException(
                $"The temperatures are of the tasks {string.Join(", ", _tasks.Select(task => task.Name))}, " +
                $"the evaluation is of {string.Join(", ", evaluation.Tasks.Select(task => task.Task.Name))}.",
                nameof(evaluation));
        }

        return
        [
            .. evaluation.Tasks.Select((task, i) =>
            {
                ClassifierEvaluation before = task.Model;
                ClassifierEvaluation after = ClassifierEvaluation.Of(Scale(task.Cases, Temperatures[i]), before.Calibration.Bins.Count);
                return new TemperatureEffect(
                    task.Task, Temperatures[i], before.Measures.LogLoss, after.Measures.LogLoss, before.Calibration, after.Calibration);
            }),
        ];
    }

    private static TaskCases Scale(TaskCases cases, double temperature) =>
        cases with { Scores = [.. Enumerable.Range(0, cases.Count).SelectMany(i => Scale(cases.ProbabilitiesOfCase(i), temperature))] };

    private static double Fit(TaskCases cases)
    {
        if (cases.Count == 0)
            return 1;
        double[] logits = Array.ConvertAll(cases.Scores, Log);
        // The bisection uses the logarithm of 1/T, so that T and 1/T are treated symmetrically.
        (double low, double high) = (-Math.Log(MaximumTemperature), -Math.Log(MinimumTemperature));
        if (Slope(cases, logits, Math.Exp(low)) >= 0)
            return MaximumTemperature;
        if (Slope(cases, logits, Math.Exp(high)) <= 0)
            return MinimumTemperature;
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            if (Slope(cases, logits, Math.Exp(middle)) < 0)
                low = middle;
            else
                high = middle;
        }

        return Math.Exp(-(low + high) / 2);
    }

    /// <summary>Computes the derivative of the NLL with respect to 1/T, which increases with 1/T.</summary>
    private static double Slope(TaskCases cases, double[] logits, double inverse)
    {
        int labels = cases.Task.Labels.Count;
        Span<double> scaled = stackalloc double[labels];
        double sum = 0;
        for (int i = 0; i < cases.Count; i++)
        {
            ReadOnlySpan<double> own = logits.AsSpan(i * labels, labels);
            TensorPrimitives.Multiply(own, inverse, scaled);
            TensorPrimitives.SoftMax(scaled, scaled);
            sum += TensorPrimitives.Dot(scaled, own) - own[cases.Truth[i]];
        }

        return sum / cases.Count;
    }

    private static double Log(double probability) => Math.Log(Math.Max(probability, ClassifierEvaluation.SmallestProbability));
}

/// <summary>Represents the effect of a temperature on one task.</summary>
public sealed class TemperatureEffect
{
    internal TemperatureEffect(
        ClassificationTask task, double temperature, double logLossBefore, double logLossAfter, Calibration before, Calibration after) =>
        (Task, Temperature, LogLossBefore, LogLossAfter, Before, After) =
        (task, temperature, logLossBefore, logLossAfter, before, after);

    /// <summary>The task.</summary>
    public ClassificationTask Task { get; }

    /// <summary>The temperature T.</summary>
    public double Temperature { get; }

    /// <summary>The mean negative log-likelihood with T = 1; NaN without cases.</summary>
    public double LogLossBefore { get; }

    /// <summary>The mean negative log-likelihood with T; NaN without cases.</summary>
    public double LogLossAfter { get; }

    /// <summary>The calibration with T = 1.</summary>
    public Calibration Before { get; }

    /// <summary>The calibration with T.</summary>
    public Calibration After { get; }
}
