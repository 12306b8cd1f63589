using Derm7pt.MLNet.Models;
using Microsoft.ML;

namespace Derm7pt.MLNet;

public static partial class Derm7ptCatalog
{
    /// <summary>
    /// Loads the multi-task stage of a saved model with its gates, weights and training history. The loaded stage produces the same
    /// scores as the saved one and can be saved again. This method does not require libtorch.
    /// </summary>
    /// <remarks>
    /// <para>
    /// If only scores are needed, <c>mlContext.Model.Load(path, out _)</c> is sufficient and loads the other stages of the pipeline
    /// too. This method loads only the stage of this library: images must be prepared as for training, at the size given by
    /// <see cref="Derm7ptMultiTaskTransformer.ImageHeight"/> and <see cref="Derm7ptMultiTaskTransformer.ImageWidth"/>.
    /// </para>
    /// <para>
    /// Files from untrusted sources can be loaded safely. Sizes, names and numbers are checked before they are used, nothing is
    /// unpacked to disk, and scoring uses a graph that is created from the weights, never the graph in the file.
    /// </para>
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.Model</c>.</param>
    /// <param name="path">
    /// A file that <c>mlContext.Model.Save</c> wrote for a model with one such stage, or that
    /// <see cref="Derm7ptMultiTaskTransformer.SaveAsOnnx"/> wrote. The kind of file is determined by its content, not by its name.
    /// </param>
    /// <param name="scoringBatchSize">The number of images per scoring batch.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="scoringBatchSize"/> is not positive.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="Derm7ptModelException">The file is not such a model; the message states the reason.</exception>
    public static Derm7ptMultiTaskTransformer LoadDerm7ptMultiTask(this ModelOperationsCatalog catalog, string path, int scoringBatchSize = 32)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(scoringBatchSize);
        return new Derm7ptMultiTaskTransformer(ModelFile.Load(path), scoringBatchSize);
    }

    /// <summary>
    /// Combines models into an ensemble: one model that predicts the means of their probabilities and has the means of their gates. It
    /// scores, is saved and is exported like any other model, as one stage and one ONNX graph.
    /// </summary>
    /// <remarks>
    /// The models are not changed and can be disposed. The input column and the batch size are those of the first model. If a model is an
    /// ensemble, its members become members of the result, all with the same weight. Scoring takes as long as with all models one after
    /// the other; an encoder that was frozen in the trainings of all models is computed once. Training cannot start from an ensemble.
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.Model</c>.</param>
    /// <param name="models">
    /// Models with the same tasks, network and image size, such as those of several seeds; at least one, and at most 64 members in all.
    /// </param>
    /// <param name="testTimeAugmentation">
    /// Whether scores are also means over mirrored and transposed views of the image, see <see cref="NetworkOptions.TestTimeAugmentation"/>;
    /// <see langword="null"/> for the setting of the models. With one model, the result differs from it in this setting only.
    /// </param>
    /// <exception cref="ArgumentNullException">An argument or a model is null.</exception>
    /// <exception cref="ArgumentException">
    /// There is no model, there are too many or too large ones, or they differ; the message names the differences.
    /// </exception>
    public static Derm7ptMultiTaskTransformer CombineDerm7pt(
        this ModelOperationsCatalog catalog, IEnumerable<Derm7ptMultiTaskTransformer> models, bool? testTimeAugmentation = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(models);
        Derm7ptMultiTaskTransformer[] all = [.. models];
        return all.Contains(null)
            ? throw new ArgumentNullException(nameof(models), "A model is null.")
            : Derm7ptMultiTaskTransformer.Combine(all, testTimeAugmentation);
    }
}
