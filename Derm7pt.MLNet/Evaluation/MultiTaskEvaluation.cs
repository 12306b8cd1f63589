using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Columns;
using Microsoft.ML;

namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents the evaluation of the predictions of all tasks, with confidence intervals.</summary>
/// <remarks>
/// It is created by <see cref="Derm7ptCatalog.EvaluateDerm7pt(MulticlassClassificationCatalog, IDataView, Taxonomy?)"/>. A case
/// whose label for a task is unknown (a missing key) is excluded from that task only.
/// </remarks>
public sealed partial class MultiTaskEvaluation
{
    private MultiTaskEvaluation(ScoredCases cases, Options options)
    {
        (Cases, Taxonomy) = (cases, cases.Taxonomy);
        CaseCount = cases.Count;
        Tasks = [.. cases.Tasks.Select(task => new TaskEvaluation(task, cases.Count, options.CalibrationBins))];
        AllTasks = Average(Tasks);
        Criteria = Average([.. Tasks.Where(task => task.Task.Kind == TaskKind.Criterion)]);
        MelanomaCases? melanoma = MelanomaCases.Of(cases);
        if (melanoma is not null)
        {
            Melanoma = new MelanomaEvaluation(melanoma, options.MelanomaThreshold, options.CalibrationBins);
            SevenPoint = melanoma.SevenPointScores is { } scores ? new SevenPointEvaluation(melanoma, scores, Taxonomy) : null;
        }

        if (options.BootstrapResamples > 0 && CaseCount > 0)
            Intervals = new Bootstrap(cases, melanoma).Run(options.BootstrapResamples, options.ConfidenceLevel, options.Seed);
    }

    /// <summary>The tasks and labels.</summary>
    public Taxonomy Taxonomy { get; }

    /// <summary>The number of cases.</summary>
    public int CaseCount { get; }

    /// <summary>The evaluations of the tasks, in taxonomy order.</summary>
    public IReadOnlyList<TaskEvaluation> Tasks { get; }

    /// <summary>The means over all tasks.</summary>
    public AveragedMeasures AllTasks { get; }

    /// <summary>The means over the criteria: all tasks except the diagnosis.</summary>
    public AveragedMeasures Criteria { get; }

    /// <summary>The evaluation of melanoma against the rest; <see langword="null"/> if the taxonomy has no diagnosis with a melanoma label.</summary>
    public MelanomaEvaluation? Melanoma { get; }

    /// <summary>
    /// The comparison of the seven-point rule with the direct diagnosis; <see langword="null"/> if the taxonomy has no diagnosis with a melanoma
    /// label, or no label with a score.
    /// </summary>
    public SevenPointEvaluation? SevenPoint { get; }

    /// <summary>The bootstrap confidence intervals; <see langword="null"/> if none were requested or there are no cases.</summary>
    public BootstrapIntervals? Intervals { get; }

    /// <summary>Gets the evaluation of a task.</summary>
    /// <param name="name">The task's name, for example <c>Diagnosis</c>.</param>
    public TaskEvaluation this[string name] =>
        Tasks.FirstOrDefault(task => task.Task.Name == name)
            ?? throw new ArgumentException(
                $"There is no task '{name}'; there are {string.Join(", ", Tasks.Select(task => task.Task.Name))}.", nameof(name));

    private ScoredCases Cases { get; }

    /// <summary>Evaluates the cases of several evaluations together.</summary>
    internal static MultiTaskEvaluation Pool(IEnumerable<MultiTaskEvaluation> parts, Options options) =>
        new(ScoredCases.Concat([.. parts.Select(part => part.Cases)]), options);

    /// <exception cref="ArgumentOutOfRangeException">Columns are missing or have another type, or the taxonomy is not that of the data.</exception>
    internal static MultiTaskEvaluation Create(IDataView scored, Options options)
    {
        OptionCheck.ThrowIfAny(options.Problems());
        return new MultiTaskEvaluation(ScoredCases.Read(scored, ScoredTaxonomy.Choose(scored.Schema, options.Taxonomy)), options);
    }

    private static AveragedMeasures Average(IReadOnlyList<TaskEvaluation> tasks) => new(
        tasks.Count,
        TaskMeasures.Mean([.. tasks.Select(task => task.Model.Measures)]),
        TaskMeasures.Mean([.. tasks.Select(task => task.Baseline.Measures)]));

    /// <summary>Represents the options of an evaluation.</summary>
    public sealed class Options
    {
        /// <summary>Creates options with default values.</summary>
        public Options()
        {
        }

        /// <summary>Creates a copy of options, which an initializer may then change.</summary>
        /// <param name="other">The options to copy.</param>
        public Options(Options other)
        {
            ArgumentNullException.ThrowIfNull(other);
            Taxonomy = other.Taxonomy;
            CalibrationBins = other.CalibrationBins;
            MelanomaThreshold = other.MelanomaThreshold;
            BootstrapResamples = other.BootstrapResamples;
            ConfidenceLevel = other.ConfidenceLevel;
            Seed = other.Seed;
        }

        /// <summary>The tasks and labels; if null, those that the data were scored with.</summary>
        public Taxonomy? Taxonomy { get; init; }

        /// <summary>The number of bins of equal width for calibration; the default is 15, as in Guo et al. (2017).</summary>
        public int CalibrationBins { get; init; } = 15;

        /// <summary>The probability threshold at or above which a case is called melanoma, in [0, 1].</summary>
        public double MelanomaThreshold { get; init; } = 0.5;

        /// <summary>The number of bootstrap samples; 0 for no confidence intervals.</summary>
        public int BootstrapResamples { get; init; } = 1000;

        /// <summary>The share of bootstrap samples within a confidence interval, in (0, 1).</summary>
        public double ConfidenceLevel { get; init; } = 0.95;

        /// <summary>The seed of the bootstrap samples. The same seed and cases produce the same intervals on any number of threads.</summary>
        public int Seed { get; init; } = 1;

        internal IEnumerable<string> Problems() =>
        [
            .. OptionCheck.Positive(CalibrationBins),
            .. OptionCheck.Require(MelanomaThreshold is >= 0 and <= 1, MelanomaThreshold, "in [0, 1]"),
            .. OptionCheck.NotNegative(BootstrapResamples),
            .. OptionCheck.Require(ConfidenceLevel is > 0 and < 1, ConfidenceLevel, "in (0, 1)"),
        ];
    }
}
