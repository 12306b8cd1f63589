using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Scoring;

/// <summary>Many threads use one transformer, live or loaded.</summary>
[TestClass]
public sealed class ConcurrentScoringTests
{
    private const int Threads = 8;
    private const int ImageCount = 16;

    private static readonly SyntheticImages Images = new(ImageCount, seed: 21);

    public required TestContext TestContext { get; init; }

    [TestMethod]
    [DataRow(false, DisplayName = "live")]
    [DataRow(true, DisplayName = "loaded")]
    public async Task Predict_PoolOfEnginesOnEightThreads_GivesTheSameAsOneEngine(bool isLoaded)
    {
        var ml = new MLContext();
        using Scorer scorer = Scorer.Create(ml, isLoaded);
        using var pool = new EnginePool(ml, scorer.Transformer);
        float[][] expected = [.. Enumerable.Range(0, ImageCount).Select(image => pool.Predict(image))];

        await OnEightThreads(thread =>
        {
            // Each thread uses a different order, so that no two threads run in step.
            int[] order = [.. Enumerable.Range(0, ImageCount)];
            new Random(thread).Shuffle(order);
            foreach (int image in order)
                CollectionAssert.AreEqual(expected[image], pool.Predict(image), $"image {image}");
        });

        TestContext.WriteLine($"{pool.Count} engines served {Threads} threads.");
        Assert.IsLessThanOrEqualTo(Threads, pool.Count);
        Assert.IsGreaterThan(0.01, expected.Max(scores => scores[0]) - expected.Min(scores => scores[0]));
    }

    [TestMethod]
    [DataRow(false, DisplayName = "live")]
    [DataRow(true, DisplayName = "loaded")]
    public async Task Transform_CursorsOnEightThreads_GiveTheSameAsOneCursor(bool isLoaded)
    {
        var ml = new MLContext();
        using Scorer scorer = Scorer.Create(ml, isLoaded);
        IDataView scored = scorer.Transformer.Transform(Images.View(ml));
        float[][] expected = [.. scored.GetColumn<float[]>("DiagnosisScore")];

        await OnEightThreads(_ =>
        {
            float[][] actual = [.. scored.GetColumn<float[]>("DiagnosisScore")];
            Assert.HasCount(ImageCount, actual);
            for (int image = 0; image < ImageCount; image++)
                CollectionAssert.AreEqual(expected[image], actual[image], $"image {image}");
        });
    }

    /// <summary>Starts all threads at the same time.</summary>
    private static Task OnEightThreads(Action<int> action)
    {
        var start = new Barrier(Threads);
        return Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                action(thread);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
    }

    /// <summary>Gets the transformer that training returns, or one that was loaded from a file.</summary>
    private sealed class Scorer : IDisposable
    {
        private Scorer(ITransformer transformer) => Transformer = transformer;

        public ITransformer Transformer { get; }

        public static Scorer Create(MLContext ml, bool isLoaded)
        {
            using var model = new RandomModel(SyntheticImages.Size, seed: 22);
            IDataView view = Images.View(ml);
            Derm7ptMultiTaskTransformer live = model.CreateTransformer(view.Schema);
            if (!isLoaded)
                return new Scorer(live);
            using (live)
            {
                using var file = new MemoryStream();
                ml.Model.Save(live, view.Schema, file);
                file.Position = 0;
                return new Scorer(ml.Model.Load(file, out DataViewSchema _));
            }
        }

        public void Dispose() => (Transformer as IDisposable)?.Dispose();
    }

    /// <summary>Manages prediction engines. Only one thread may use an engine at a time, so each engine is rented and returned.</summary>
    private sealed class EnginePool(MLContext ml, ITransformer transformer) : IDisposable
    {
        private readonly ConcurrentBag<PredictionEngine<ImageInput, Output>> _idle = [];
        private int _count;

        public int Count => _count;

        public float[] Predict(int image)
        {
            PredictionEngine<ImageInput, Output> engine = _idle.TryTake(out PredictionEngine<ImageInput, Output>? idle) ? idle : Create();
            using MLImage pixels = Images.Image(image);
            Output output = engine.Predict(new ImageInput { Image = pixels });
            _idle.Add(engine);
            return [.. output.DiagnosisScore, .. output.StreaksScore, output.SevenPointScore, output.MelanomaProbability];
        }

        public void Dispose()
        {
            foreach (PredictionEngine<ImageInput, Output> engine in _idle)
                engine.Dispose();
        }

        private PredictionEngine<ImageInput, Output> Create()
        {
            Interlocked.Increment(ref _count);
            return ml.Model.CreatePredictionEngine<ImageInput, Output>(transformer, new PredictionEngineOptions
            {
                // By default, the first engine that is disposed also disposes the transformer.
                OwnsTransformer = false,
            });
        }
    }

    private sealed class Output
    {
        public float[] DiagnosisScore { get; set; } = [];

        public float[] StreaksScore { get; set; } = [];

        public float SevenPointScore { get; set; }

        public float MelanomaProbability { get; set; }
    }
}
