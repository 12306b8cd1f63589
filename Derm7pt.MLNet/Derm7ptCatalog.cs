using Microsoft.ML;

namespace Derm7pt.MLNet;

/// <summary>The stages of this library, where ML.NET's own are: in <see cref="MLContext.Transforms"/> and <see cref="MLContext.Data"/>.</summary>
public static partial class Derm7ptCatalog
{
    /// <summary>
    /// Trains a gated multi-task network that predicts the seven criteria of the 7-point checklist and the diagnosis at once.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="imageColumnName">
    /// The column of pixels: images of one known size (after ResizeImages), or vectors of Single with dimensions
    /// (3, height, width), RGB in [0, 1] (after ExtractPixels).
    /// </param>
    /// <param name="validationSet">Validation cases for early stopping; without them a fifth of the training cases is set aside.</param>
    /// <param name="taxonomy">The tasks and labels; <see cref="Taxonomy.Derm7pt"/> if null.</param>
    /// <param name="gates">Whether tasks learn to use each other's features.</param>
    /// <param name="maximumEpochs">Training ends after this many epochs at the latest.</param>
    /// <param name="seed">Decides initial weights, mini-batches, augmentation and dropout.</param>
    /// <exception cref="ArgumentException">Values are out of range; the message names all of them.</exception>
    public static Derm7ptMultiTaskEstimator Derm7ptMultiTask(
        this TransformsCatalog catalog,
        string imageColumnName = Columns.ColumnNames.Image,
        IDataView? validationSet = null,
        Taxonomy? taxonomy = null,
        GateMode gates = GateMode.Learned,
        int maximumEpochs = 999,
        int seed = 1) =>
        catalog.Derm7ptMultiTask(new Derm7ptMultiTaskEstimator.Options
        {
            Taxonomy = taxonomy ?? Taxonomy.Derm7pt,
            Network = new NetworkOptions { Gates = gates },
            Training = new TrainingOptions { MaximumEpochs = maximumEpochs, Seed = seed },
            Data = new DataOptions { ImageColumnName = imageColumnName, ValidationSet = validationSet },
        });

    /// <inheritdoc cref="Derm7ptMultiTask(TransformsCatalog, string, IDataView?, Taxonomy?, GateMode, int, int)"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">Everything that can be chosen.</param>
    public static Derm7ptMultiTaskEstimator Derm7ptMultiTask(
        this TransformsCatalog catalog, Derm7ptMultiTaskEstimator.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new Derm7ptMultiTaskEstimator(catalog, options);
    }

    /// <summary>
    /// Asks the trainer that follows for balanced mini-batches of <paramref name="samplesPerLabel"/> cases for every label.
    /// </summary>
    /// <inheritdoc cref="Derm7ptBalancedSamplingEstimator" path="/remarks"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="samplesPerLabel">k; with the 24 labels of Derm7pt a mini-batch holds 24·k cases.</param>
    /// <param name="taxonomy">The tasks and labels; <see cref="Taxonomy.Derm7pt"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="samplesPerLabel"/> is not positive.</exception>
    public static IEstimator<ITransformer> Derm7ptBalancedSampling(
        this TransformsCatalog catalog, int samplesPerLabel = 6, Taxonomy? taxonomy = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samplesPerLabel);
        return new Derm7ptBalancedSamplingEstimator(catalog, samplesPerLabel, taxonomy ?? Taxonomy.Derm7pt);
    }
}
