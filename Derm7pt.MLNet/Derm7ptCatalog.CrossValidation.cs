using Microsoft.ML;

namespace Derm7pt.MLNet;

public static partial class Derm7ptCatalog
{
    /// <summary>
    /// Trains a model for every fold on the other folds and evaluates it on the fold that was held out; with several seeds, once for each.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Images are read once for all trainings, and once per seed for scoring. Each seed has its own folds. A fold has about its share of the
    /// cases of every label and, if possible, never all of them. Without a <see cref="DataOptions.ValidationSet"/>,
    /// <see cref="TrainingOptions.ValidationFraction"/> of the cases of the training folds is set aside for early stopping, in whole groups.
    /// </para>
    /// <para>
    /// With a <see cref="RuntimeOptions.CheckpointPath"/> such as <c>run.ckpt</c>, the runs have the files <c>run.seed1.fold1.ckpt</c>,
    /// <c>run.seed1.fold2.ckpt</c> and so on beside it. A cross-validation that was interrupted goes on from them and gives the same models;
    /// the files are never deleted. <see cref="RuntimeOptions.Progress"/> receives a <see cref="TrainingProgress.RunStarted"/> before each run.
    /// </para>
    /// <para>
    /// Do not fit stages that learn from rows on all data before; stages that load and resize images do not learn. For balanced
    /// mini-batches, transform the data with the stage <c>Derm7ptBalancedSampling</c> first.
    /// </para>
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="data">The cases, with the image column and a label column for every task.</param>
    /// <param name="options">The options of every training, except for the seed.</param>
    /// <param name="folds">The number of folds, at least 2.</param>
    /// <param name="seeds">Different seeds; <see langword="null"/> for the seed of the options.</param>
    /// <param name="groupColumnName">
    /// A column of texts, keys or whole numbers whose values identify groups of rows, such as the rows of one patient or lesion, that must
    /// be in one fold. A row without a value is a separate group. <see langword="null"/> if rows are independent.
    /// </param>
    /// <returns>The models and evaluations of all runs; dispose it when done.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="catalog"/>, <paramref name="data"/> or <paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// There are fewer than 2 folds, or more folds than cases or groups, or columns are missing or have another type.
    /// </exception>
    /// <exception cref="ArgumentException">There are no seeds, seeds are equal, or an option is out of range.</exception>
    /// <exception cref="InvalidOperationException">
    /// See <see cref="Derm7ptMultiTaskEstimator.Fit"/>; with balanced sampling also if a label has no case in the training folds.
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
