using Derm7pt.MLNet;

namespace PaperExperiments;

/// <summary>The settings that all experiments share; a finished run with other settings is a different run.</summary>
internal sealed record ExperimentSettings
{
    public int ImageSize { get; init; } = 256;

    public int SamplesPerLabel { get; init; } = 6;

    /// <summary>Gets the training options of all networks, except the seed, which differs between runs.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>The bootstrap samples of each confidence interval.</summary>
    public int BootstrapResamples { get; init; } = 1000;

    /// <summary>The sensitivity that the melanoma thresholds, chosen on validation cases, reach there.</summary>
    public double Sensitivity { get; init; } = 0.9;

    /// <summary>The paper's numbers.</summary>
    public static ExperimentSettings Paper { get; } = new();

    /// <summary>Small enough for all five experiments in some minutes on two cores.</summary>
    public static ExperimentSettings Fast { get; } = new()
    {
        ImageSize = 128,
        SamplesPerLabel = 3,
        Training = new TrainingOptions { LearningRate = 3e-3, MaximumEpochs = 30, Patience = 30 },
    };

    /// <summary>Gets the settings that a recipe does not contain.</summary>
    public IEnumerable<KeyValuePair<string, string>> Describe() =>
    [
        new("imageSize", $"{ImageSize}"),
        new("samplesPerLabel", $"{SamplesPerLabel}"),
        new("bootstrapResamples", $"{BootstrapResamples}"),
        new("sensitivity", $"{Sensitivity}"),
    ];

    /// <summary>Gets all settings that the runs share, that is, without their networks and seeds.</summary>
    public IEnumerable<KeyValuePair<string, string>> DescribeAll() => Describe().Concat(
        new TrainingRecipe { Training = Training }.Describe()
            .Where(entry => entry.Key.StartsWith("Training.", StringComparison.Ordinal) && entry.Key != "Training.Seed"));
}

/// <summary>The experiments to run, the release, and the output folder.</summary>
internal sealed record SuiteSettings(
    string ReleaseFolder,
    string OutputFolder,
    IReadOnlyList<Preset> Presets,
    int Seeds,
    ExperimentSettings Experiment,
    ComputeDevice Device)
{
    /// <summary>Whether the pictures are drawn ones: only then reports hold any, as a real release may not be redistributed.</summary>
    public bool IsSynthetic { get; init; }

    /// <summary>Seed by seed, so that a comparison of all experiments is there early.</summary>
    public IReadOnlyList<ExperimentRun> Runs =>
        [.. from seed in Enumerable.Range(1, Seeds) from preset in Presets select new ExperimentRun(preset, seed)];
}

/// <summary>One training: an experiment with one seed.</summary>
internal sealed record ExperimentRun(Preset Preset, int Seed)
{
    public RunFolder Folder(string output) => new(Path.Combine(output, Preset.Name, $"seed-{Seed}"));

    public TrainingRecipe Recipe(ExperimentSettings settings) =>
        new() { Network = Preset.Network, Training = new TrainingOptions(settings.Training) { Seed = Seed } };

    /// <summary>Gets all settings that determine the results, by name and as text.</summary>
    public IReadOnlyDictionary<string, string> Describe(ExperimentSettings settings, ReleaseIdentity release) =>
        new Dictionary<string, string>(
        [
            new("taxonomy", $"{Preset.Taxonomy.Name}, version {Preset.Taxonomy.Version}"),
            .. Recipe(settings).Describe(),
            .. settings.Describe(),
            new("data", release.ToString()),
        ]);

    public override string ToString() => $"{Preset.Name}, seed {Seed}";
}
