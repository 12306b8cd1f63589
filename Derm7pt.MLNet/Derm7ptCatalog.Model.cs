using Microsoft.ML;

namespace Derm7pt.MLNet;

public static partial class Derm7ptCatalog
{
    /// <summary>
    /// Loads the multi-task stage of a saved model with all that training knows of it: gates, weights and history. Scores
    /// are those of the stage that was saved, and it can be saved again. Needs no libtorch.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Where only scores are wanted, <c>mlContext.Model.Load(path, out _)</c> is enough and loads the other stages of the
    /// pipeline too. This method loads this library's stage alone: prepare images as before, at the size that
    /// <see cref="Derm7ptMultiTaskTransformer.ImageHeight"/> and <see cref="Derm7ptMultiTaskTransformer.ImageWidth"/> tell.
    /// </para>
    /// <para>
    /// Files from strangers are safe to try. Sizes, names and numbers are checked before anything is built from them,
    /// nothing is unpacked to disk, and what is scored is a graph made anew from the weights, never the one in the file.
    /// </para>
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.Model</c>.</param>
    /// <param name="path">
    /// A file that <c>mlContext.Model.Save</c> wrote for a model with one such stage, or that
    /// <see cref="Derm7ptMultiTaskTransformer.SaveAsOnnx"/> wrote. Which of both it is, its content tells, not its name.
    /// </param>
    /// <param name="scoringBatchSize">Images that are scored in one go.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="scoringBatchSize"/> is not positive.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="Derm7ptModelException">The file is not such a model; the message states what is wrong with it.</exception>
    public static Derm7ptMultiTaskTransformer LoadDerm7ptMultiTask(this ModelOperationsCatalog catalog, string path, int scoringBatchSize = 32)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(scoringBatchSize);
        return new Derm7ptMultiTaskTransformer(Models.ModelFile.Load(path), scoringBatchSize);
    }
}
