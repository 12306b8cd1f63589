using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Tasks;
using Derm7pt.MLNet.Training.Sampling;
using Microsoft.ML;

namespace Derm7pt.MLNet;

public static partial class Derm7ptCatalog
{
    /// <summary>
    /// Draws balanced rows for trainers that do not support balanced sampling: for every label of every task
    /// <paramref name="samplesPerLabel"/> × <paramref name="batches"/> rows that carry it (Kawahara et al., IEEE JBHI 2018).
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="data">The training rows, with the label columns of all tasks.</param>
    /// <param name="samplesPerLabel">k, the number of rows per label in one draw. A draw has no repeated rows if the label has at least k rows.</param>
    /// <param name="batches">The number of draws of k rows for every label.</param>
    /// <param name="seed">The seed of the random numbers.</param>
    /// <param name="taxonomy">The tasks and labels; <see cref="Taxonomy.Derm7pt"/> if null.</param>
    /// <returns>
    /// (number of labels) · k · <paramref name="batches"/> rows in the order of <paramref name="data"/>; a row that was drawn
    /// several times is repeated consecutively.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive, or label columns are missing or have another type.</exception>
    /// <exception cref="InvalidDataException">Texts that are not labels have become missing labels; the message lists them.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, or labels have no row; the message lists these labels.</exception>
    public static IDataView Derm7ptBalancedRows(
        this DataOperationsCatalog catalog, IDataView data, int samplesPerLabel = 6, int batches = 1, int seed = 1, Taxonomy? taxonomy = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batches);
        LabelTable labels = LabelColumns.Read(data, taxonomy ?? Taxonomy.Derm7pt, DataRoles.Sampled);
        var sampler = new BalancedSampler(labels, samplesPerLabel, seed);
        var timesOfRow = new int[labels.CaseCount];
        for (int batch = 0; batch < batches; batch++)
        {
            foreach (int row in sampler.Draw(0, batch))
                timesOfRow[row]++;
        }

        return new RepeatedRowsDataView(data, timesOfRow);
    }
}
