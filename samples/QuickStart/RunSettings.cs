using Derm7pt.MLNet;

namespace QuickStart;

/// <summary>The settings of a run that can be selected by name.</summary>
internal enum Preset
{
    /// <summary>A pretrained ResNet-18 with gates on its features, for real images.</summary>
    Pretrained,

    /// <summary>The paper's network and schedule, from random weights.</summary>
    Paper,
}

/// <summary>The settings that differ between the quick run on a synthetic release and the runs on a real release.</summary>
/// <param name="ImageWidth">The width of the image column, in pixels.</param>
/// <param name="ImageHeight">The height of the image column, in pixels.</param>
/// <param name="SamplesPerLabel">The samples of each label in a balanced mini-batch; null to use every case once per epoch.</param>
/// <param name="Recipe">The network and its training.</param>
internal sealed record RunSettings(int ImageWidth, int ImageHeight, int? SamplesPerLabel, TrainingRecipe Recipe)
{
    public ComputeDevice Device { get; init; }

    /// <summary>The number of folds of a cross-validation of the train split; null to train one model.</summary>
    public int? Folds { get; init; }

    /// <summary>Gets whether the report may contain images.</summary>
    public bool ShowImages { get; init; }

    /// <summary>Gets settings for a run of a few minutes on two cores: smaller images, smaller mini-batches, a higher learning rate.</summary>
    public static RunSettings Synthetic { get; } = new(ImageWidth: 128, ImageHeight: 128, SamplesPerLabel: 3, new TrainingRecipe
    {
        Training = new TrainingOptions { LearningRate = 3e-3, MaximumEpochs = 60, Patience = 60 },
    });

    /// <summary>Gets the settings of a preset.</summary>
    public static RunSettings Of(Preset preset) => preset == Preset.Paper
        // The paper's sizes and schedule: 6 samples per label, up to 999 epochs.
        ? new(ImageWidth: 256, ImageHeight: 256, SamplesPerLabel: 6, new TrainingRecipe())
        // The image size has the aspect ratio of the release's images, so that none of them is cropped.
        : new(ImageWidth: 384, ImageHeight: 256, SamplesPerLabel: null, TrainingRecipe.Pretrained());
}
