using Derm7pt.MLNet;

namespace QuickStart;

/// <summary>What differs between the quick run on a synthetic release and the paper's run on the real one.</summary>
internal sealed record RunSettings(int ImageSize, int SamplesPerLabel, TrainingRecipe Recipe)
{
    public ComputeDevice Device { get; init; }

    /// <summary>Whether the report may hold images.</summary>
    public bool ShowImages { get; init; }

    /// <summary>Small enough for some minutes on two cores: smaller images, smaller mini-batches, a higher learning rate.</summary>
    public static RunSettings Synthetic { get; } = new(ImageSize: 128, SamplesPerLabel: 3, new TrainingRecipe
    {
        Training = new TrainingOptions { LearningRate = 3e-3, MaximumEpochs = 60, Patience = 60 },
    });

    /// <summary>The paper's sizes and schedule: 256 × 256 pixels, 6 samples a label, up to 999 epochs.</summary>
    public static RunSettings Paper { get; } = new(ImageSize: 256, SamplesPerLabel: 6, new TrainingRecipe());
}
