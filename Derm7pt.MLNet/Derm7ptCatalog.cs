using Microsoft.ML;

namespace Derm7pt.MLNet;

/// <summary>Provides the stages of this library as extension methods of <see cref="MLContext.Transforms"/> and <see cref="MLContext.Data"/>.</summary>
public static partial class Derm7ptCatalog
{
    /// <summary>
    /// Trains a gated multi-task network that predicts the seven criteria of the 7-point checklist and the diagnosis at once.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="imageColumnName">
    /// The column of pixels: images of one known size (from ResizeImages), or vectors of Single with dimensions
    /// (3, height, width), RGB in [0, 1] (from ExtractPixels).
    /// </param>
    /// <param name="validationSet">The validation cases for early stopping. If null, a fifth of the training cases is set aside.</param>
    /// <param name="taxonomy">The tasks and labels; <see cref="Taxonomy.Derm7pt"/> if null.</param>
    /// <param name="gates">Whether tasks learn to use each other's features.</param>
    /// <param name="maximumEpochs">The maximum number of epochs.</param>
    /// <param name="seed">The seed of initial weights, mini-batches, augmentation and dropout.</param>
    /// <exception cref="ArgumentException">Values are out of range; the message lists all of them.</exception>
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
    /// <param name="options">The options of the network and of its training.</param>
    public static Derm7ptMultiTaskEstimator Derm7ptMultiTask(
        this TransformsCatalog catalog, Derm7ptMultiTaskEstimator.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new Derm7ptMultiTaskEstimator(catalog, options);
    }

    /// <summary>
    /// Requests balanced mini-batches of <paramref name="samplesPerLabel"/> cases for every label from the trainer that follows.
    /// </summary>
    /// <inheritdoc cref="Derm7ptBalancedSamplingEstimator" path="/remarks"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="samplesPerLabel">k, the number of cases per label; with the 24 labels of Derm7pt a mini-batch has 24·k cases.</param>
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
