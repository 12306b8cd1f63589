using Derm7pt.MLNet.Evaluation;
using Microsoft.ML;

namespace Derm7pt.MLNet;

public static partial class Derm7ptCatalog
{
    /// <summary>Evaluates the predictions of all tasks against the true labels, in one pass over the data.</summary>
    /// <remarks>
    /// The data must have, for every task, a label column <c>{Task}</c> and the columns <c>{Task}PredictedLabel</c> and
    /// <c>{Task}Score</c>, and also <c>SevenPointScore</c>, and <c>MelanomaProbability</c> if the diagnosis has a melanoma label.
    /// A transformer of <see cref="Derm7ptMultiTaskEstimator"/> and a loaded model create the columns other than the labels. A column
    /// <c>StoredSevenPointScore</c> is used if there is one.
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="scored">The scored cases.</param>
    /// <param name="taxonomy">
    /// The tasks and labels. If null, the taxonomy stored with the data by the model that scored them is used, or
    /// <see cref="Taxonomy.Derm7pt"/> if none is stored because another stage scored the data or <c>SelectColumns</c> dropped it.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// Columns are missing or have another type, or the tasks, labels or scores of the taxonomy differ from those used for scoring.
    /// </exception>
    /// <exception cref="InvalidDataException">Texts that are not labels have become missing labels; the message lists them.</exception>
    /// <exception cref="InvalidOperationException">A prediction is missing or not a probability.</exception>
    public static MultiTaskEvaluation EvaluateDerm7pt(
        this MulticlassClassificationCatalog catalog, IDataView scored, Taxonomy? taxonomy = null) =>
        catalog.EvaluateDerm7pt(scored, new MultiTaskEvaluation.Options { Taxonomy = taxonomy });

    /// <inheritdoc cref="EvaluateDerm7pt(MulticlassClassificationCatalog, IDataView, Taxonomy?)"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="scored">The scored cases.</param>
    /// <param name="options">The options for the evaluation.</param>
    /// <exception cref="ArgumentException">Options are out of range; the message lists all of them.</exception>
    public static MultiTaskEvaluation EvaluateDerm7pt(
        this MulticlassClassificationCatalog catalog, IDataView scored, MultiTaskEvaluation.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(scored);
        ArgumentNullException.ThrowIfNull(options);
        return MultiTaskEvaluation.Create(scored, options);
    }
}
