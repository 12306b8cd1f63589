namespace PaperExperiments;

/// <summary>A figure over several seeds; seeds where it is not defined are left out.</summary>
internal sealed class Statistic(IEnumerable<double> values)
{
    private readonly double[] _values = [.. values.Where(double.IsFinite)];

    public int Count => _values.Length;

    /// <summary>NaN where there is no value.</summary>
    public double Mean => Count == 0 ? double.NaN : _values.Average();

    /// <summary>The sample standard deviation; NaN of fewer than two values.</summary>
    public double Deviation => Count < 2 ? double.NaN : Math.Sqrt(_values.Sum(value => Math.Pow(value - Mean, 2)) / (Count - 1));
}

/// <summary>An experiment over its seeds.</summary>
internal sealed class PresetSummary(Preset preset, IReadOnlyList<RunRecord> runs)
{
    private readonly IReadOnlyList<KeyValuePair<FigureKey, Statistic>> _figures =
    [
        .. runs.SelectMany(run => run.Figures).GroupBy(figure => figure.Key, figure => figure.Value)
            .Select(group => KeyValuePair.Create(group.Key, new Statistic(group))),
    ];

    public Preset Preset => preset;

    public IReadOnlyList<int> Seeds { get; } = [.. runs.Select(run => run.Run.Seed)];

    /// <summary>All figures, in the order in which they were read.</summary>
    public IReadOnlyList<KeyValuePair<FigureKey, Statistic>> Figures => _figures;

    public Statistic this[FigureKey key] => _figures.First(figure => figure.Key == key).Value;

    public Statistic this[string scope, string item, string measure] => this[new FigureKey(scope, item, measure)];
}

/// <summary>An expectation of the article and the measured values.</summary>
/// <param name="Expectation">The expectation.</param>
/// <param name="More">The mean sharing, in percent, of the experiment that should share more.</param>
/// <param name="Less">That of the one that should share less.</param>
internal sealed record ExpectationOutcome(Expectation Expectation, Statistic More, Statistic Less)
{
    /// <summary>Whether the means are ordered as in the article; this is not a significance test.</summary>
    public bool Met => More.Mean > Less.Mean;
}

/// <summary>All finished runs of one setting in one folder, experiment by experiment.</summary>
/// <param name="Settings">The settings that all runs share.</param>
/// <param name="Release">The cases.</param>
/// <param name="Presets">The experiments that have a finished run.</param>
/// <param name="Expectations">The article's expectations of experiments that are here.</param>
/// <param name="LeftOut">Runs in the folder that do not belong to the comparison or cannot be read, and the reason.</param>
internal sealed record Comparison(
    ExperimentSettings Settings,
    ReleaseIdentity Release,
    IReadOnlyList<PresetSummary> Presets,
    IReadOnlyList<ExpectationOutcome> Expectations,
    IReadOnlyList<string> LeftOut);
