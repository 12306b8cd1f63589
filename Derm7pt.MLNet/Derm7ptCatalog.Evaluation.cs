using Microsoft.ML;

namespace Derm7pt.MLNet;

public static partial class Derm7ptCatalog
{
    /// <summary>Compares the predictions of all tasks with the true labels, in one pass over the data.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="scored">Scored cases, with a label column <c>{Task}</c> and a column <c>{Task}PredictedLabel</c> for every task.</param>
    /// <param name="taxonomy">The tasks and labels; <see cref="Taxonomy.Derm7pt"/> where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">Columns are missing or of another type.</exception>
    public static Derm7ptEvaluation EvaluateDerm7pt(
        this MulticlassClassificationCatalog catalog, IDataView scored, Taxonomy? taxonomy = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(scored);
        return Derm7ptEvaluation.Create(scored, taxonomy ?? Taxonomy.Derm7pt);
    }
}
