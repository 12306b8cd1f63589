using Derm7pt.MLNet.Synthetic;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests;

/// <summary>A complete run of minimal size: a synthetic release on disk and a model trained on it for two epochs.</summary>
internal sealed class TinyRun
{
    public const int ImageSize = 32;

    private static readonly Lazy<TinyRun> LazyShared = new(() => new TinyRun());

    private TinyRun()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"derm7pt-tiny-{Guid.NewGuid():N}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        SyntheticRelease.Write(folder, new SyntheticReleaseOptions { Cases = 90, Width = 96, Height = 64, Seed = 3 });
        Release = Ml.Data.LoadDerm7pt(folder);
        Model = Pipeline(Options).Fit(Release.Train);
        Scored = Model.Transform(Release.Test);
    }

    /// <summary>Gets the run that is created once for all tests that only read it.</summary>
    public static TinyRun Shared => LazyShared.Value;

    public MLContext Ml { get; } = new(seed: 1);

    public Derm7ptRelease Release { get; }

    public TransformerChain<Derm7ptMultiTaskTransformer> Model { get; }

    public IDataView Scored { get; }

    public Derm7ptMultiTaskEstimator.Options Options => new()
    {
        Network = new NetworkOptions { FiltersPerBlock = [1, 2] },
        Training = new TrainingOptions
        {
            MaximumEpochs = 2,
            BatchesPerEpoch = 2,
            Augmentation = null,
        },
        Runtime = new RuntimeOptions { ScoringBatchSize = 7, Device = ComputeDevice.Cpu },
    };

    /// <summary>Gets the fitted stages LoadImages and ResizeImages.</summary>
    public ITransformer Images => ImageStages.Fit(Release.Train);

    public EstimatorChain<Derm7ptMultiTaskTransformer> Pipeline(Derm7ptMultiTaskEstimator.Options options, int? samplesPerLabel = 1)
    {
        IEstimator<ITransformer> stages = samplesPerLabel is { } k
            ? ImageStages.Append(Ml.Transforms.Derm7ptBalancedSampling(k, options.Taxonomy))
            : ImageStages;
        return stages.Append(Ml.Transforms.Derm7ptMultiTask(options));
    }

    private EstimatorChain<Microsoft.ML.Transforms.Image.ImageResizingTransformer> ImageStages =>
        Ml.Transforms.LoadImages("Image", imageFolder: "", "ImagePath").Append(Ml.Transforms.ResizeImages("Image", ImageSize, ImageSize));

    /// <summary>Gets all values of a vector column.</summary>
    public static float[][] Vectors(IDataView data, string column) =>
        [.. data.GetColumn<VBuffer<float>>(column).Select(value => value.DenseValues().ToArray())];

    /// <summary>Gets the scores of all tasks, one row per case.</summary>
    public static float[][] Scores(IDataView data, Taxonomy? taxonomy = null)
    {
        float[][][] perTask = [.. (taxonomy ?? Taxonomy.Derm7pt).Tasks.Select(task => Vectors(data, task.Name + "Score"))];
        return [.. Enumerable.Range(0, perTask[0].Length).Select(row => perTask.SelectMany(task => task[row]).ToArray())];
    }

    public static void AssertEqual(float[][] expected, float[][] actual, float tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        for (int row = 0; row < expected.Length; row++)
        {
            Assert.HasCount(expected[row].Length, actual[row]);
            for (int i = 0; i < expected[row].Length; i++)
                Assert.AreEqual(expected[row][i], actual[row][i], tolerance, $"row {row}, value {i}");
        }
    }
}
