using Derm7pt.MLNet.Evaluation;
using Microsoft.ML;

namespace Derm7pt.MLNet;

public static partial class Derm7ptCatalog
{
    /// <summary>Compares the predictions of all tasks with the true labels, in one pass over the data.</summary>
    /// <remarks>
    /// Expects, as <see cref="Derm7ptMultiTaskEstimator"/> and a loaded model give them, for every task a label column <c>{Task}</c>
    /// and columns <c>{Task}PredictedLabel</c> and <c>{Task}Score</c>; <c>SevenPointScore</c>; and <c>MelanomaProbability</c> where
    /// the diagnosis knows melanoma. A column <c>StoredSevenPointScore</c> is used where there is one.
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="scored">Scored cases.</param>
    /// <param name="taxonomy">
    /// The tasks and labels; if null, those of the model that scored the data, which travel with them, or <see cref="Taxonomy.Derm7pt"/>
    /// where the data were scored otherwise or their hidden columns were dropped (<c>SelectColumns</c>).
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// Columns are missing or of another type, or the tasks, labels or scores of the taxonomy are not those that the data were scored with.
    /// </exception>
    /// <exception cref="InvalidDataException">Texts that are no labels have become missing labels; the message names them.</exception>
    /// <exception cref="InvalidOperationException">A prediction is missing or not a probability.</exception>
    public static MultiTaskEvaluation EvaluateDerm7pt(
        this MulticlassClassificationCatalog catalog, IDataView scored, Taxonomy? taxonomy = null) =>
        catalog.EvaluateDerm7pt(scored, new MultiTaskEvaluation.Options { Taxonomy = taxonomy });

    /// <inheritdoc cref="EvaluateDerm7pt(MulticlassClassificationCatalog, IDataView, Taxonomy?)"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="scored">Scored cases.</param>
    /// <param name="options">How to evaluate.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message names all of them.</exception>
    public static MultiTaskEvaluation EvaluateDerm7pt(
        this MulticlassClassificationCatalog catalog, IDataView scored, MultiTaskEvaluation.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(scored);
        ArgumentNullException.ThrowIfNull(options);
        return MultiTaskEvaluation.Create(scored, options);
    }
}
