using Derm7pt.MLNet.Base;
using Microsoft.ML;

namespace Derm7pt.MLNet;

/// <summary>Represents the options of the device, progress reports, cancellation and checkpoints. They do not affect the weights.</summary>
public sealed class RuntimeOptions
{
    /// <summary>Creates options with their defaults.</summary>
    public RuntimeOptions()
    {
    }

    /// <summary>Creates a copy of options, which an initializer may then change.</summary>
    /// <param name="other">The options to copy.</param>
    public RuntimeOptions(RuntimeOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Device = other.Device;
        ScoringBatchSize = other.ScoringBatchSize;
        Progress = other.Progress;
        LogTo = other.LogTo;
        Cancellation = other.Cancellation;
        CheckpointPath = other.CheckpointPath;
        CheckpointEveryEpochs = other.CheckpointEveryEpochs;
    }

    /// <summary>The device of the training. Other devices change the weights only by rounding errors.</summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.Auto;

    /// <summary>
    /// The number of images that a thread of the trained model reads and scores at once. There are as many threads as processors,
    /// and each holds the pixels of one batch.
    /// </summary>
    public int ScoringBatchSize { get; init; } = 4;

    /// <summary>
    /// Receives a report of images read, features computed, batches and epochs, one report at a time; those of images come from the threads
    /// that read.
    /// </summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>
    /// A context whose <see cref="MLContext.Log"/> receives a message for every epoch and for features that are computed once, and warnings of
    /// missing labels and of rows with one image within the training data or between them and the <see cref="DataOptions.ValidationSet"/> (leakage).
    /// </summary>
    public MLContext? LogTo { get; init; }

    /// <summary>
    /// Ends the training between two mini-batches, or while images are read or features computed, with an
    /// <see cref="OperationCanceledException"/>. With a <see cref="CheckpointPath"/> the last complete epoch is written there first.
    /// </summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>
    /// The file to which the training writes its state every <see cref="CheckpointEveryEpochs"/> epochs, when it is
    /// canceled and when it is done; <see langword="null"/> for none. Its folder must exist.
    /// </summary>
    /// <remarks>
    /// <para>
    /// If the file exists, Fit continues from it and creates the same model as an uninterrupted training:
    /// on the processor, the weights are identical. From the file of a training
    /// that is done it gives that model at once; with a higher <see cref="TrainingOptions.MaximumEpochs"/> it trains on, unless the
    /// learning rates follow <see cref="LearningRateSchedule.Cosine"/>, which makes every number of epochs another run.
    /// </para>
    /// <para>
    /// The file belongs to one recipe and the data it was used on: of both only <see cref="TrainingOptions.MaximumEpochs"/> may
    /// differ from the run that wrote it. If anything else differs, Fit throws an <see cref="InvalidOperationException"/> that
    /// names every difference; where the file is damaged or something else, a <see cref="Derm7ptModelException"/>. It neither
    /// starts from the beginning then nor overwrites the file.
    /// </para>
    /// <para>
    /// Fit never deletes the file, as its model is in memory only: delete it when the model is saved.
    /// <see cref="Derm7ptCatalog.CrossValidateDerm7pt"/> writes one file per run next to it. In ML.NET's own cross-validation every fold
    /// is a separate run, so that a single file cannot be used.
    /// </para>
    /// </remarks>
    public string? CheckpointPath { get; init; }

    /// <summary>The number of epochs from one checkpoint to the next.</summary>
    public int CheckpointEveryEpochs { get; init; } = 10;

    internal IEnumerable<string> Problems()
    {
        foreach (string problem in (IEnumerable<string>)
            [.. OptionCheck.Defined(Device), .. OptionCheck.Positive(ScoringBatchSize), .. OptionCheck.Positive(CheckpointEveryEpochs)])
        {
            yield return problem;
        }

        if (CheckpointPath is not null && string.IsNullOrWhiteSpace(CheckpointPath))
            yield return $"{nameof(CheckpointPath)} must name a file, or be null.";
    }
}
