using Microsoft.ML;

namespace Derm7pt.MLNet;

public static partial class Derm7ptCatalog
{
    /// <summary>
    /// Trains a model for every fold on the other folds and evaluates it on the fold that was held out; with several seeds, once for each.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Images are read once for all trainings, and once for each seed to be scored. Folds are drawn anew for each seed: each has about its
    /// share of every label, and where it can be avoided, none has all cases of a label. Where there is no
    /// <see cref="DataOptions.ValidationSet"/>, <see cref="TrainingOptions.ValidationFraction"/> of the training folds is set aside for early
    /// stopping, by groups too.
    /// </para>
    /// <para>
    /// With a <see cref="RuntimeOptions.CheckpointPath"/> such as <c>run.ckpt</c>, the runs have the files <c>run.seed1.fold1.ckpt</c>,
    /// <c>run.seed1.fold2.ckpt</c> and so on beside it. A cross-validation that was interrupted goes on from them and gives the same models;
    /// they are never deleted. <see cref="RuntimeOptions.Progress"/> receives a <see cref="TrainingProgress.RunStarted"/> before each run.
    /// </para>
    /// <para>
    /// Stages that learn from the rows must not be fitted on all of them before; those that load and resize images learn nothing. To sample
    /// balanced mini-batches, transform the data with the stage <c>Derm7ptBalancedSampling</c> first.
    /// </para>
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="data">The cases, with the image column and a label column for every task.</param>
    /// <param name="options">The options of every training, except for the seed.</param>
    /// <param name="folds">The number of folds, at least 2.</param>
    /// <param name="seeds">The seeds, which differ; <see langword="null"/> for that of the options alone.</param>
    /// <param name="groupColumnName">
    /// A column of texts, keys or whole numbers that is equal for rows that belong into one fold, such as those of one patient or lesion. A row
    /// without a value is a group of its own. <see langword="null"/> where rows are independent.
    /// </param>
    /// <returns>The models and evaluations of all runs; dispose it when done.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="catalog"/>, <paramref name="data"/> or <paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// There are fewer than 2 folds or more than cases or groups, or columns are missing or of another type; the message names them.
    /// </exception>
    /// <exception cref="ArgumentException">There are no seeds or equal ones, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">
    /// As from <see cref="Derm7ptMultiTaskEstimator.Fit"/>; with balanced sampling also where a label has no case in the training folds.
    /// </exception>
    /// <exception cref="OperationCanceledException"><see cref="RuntimeOptions.Cancellation"/> was cancelled.</exception>
    public static Derm7ptCrossValidation CrossValidateDerm7pt(
        this MulticlassClassificationCatalog catalog, IDataView data, Derm7ptMultiTaskEstimator.Options options, int folds = 5,
        IReadOnlyList<int>? seeds = null, string? groupColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        return Derm7ptMultiTaskEstimator.CrossValidate(
            new MLContext().Transforms, data, options, folds, seeds, groupColumnName);
    }
}
