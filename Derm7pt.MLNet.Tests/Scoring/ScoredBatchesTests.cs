using System.Collections.Concurrent;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Derm7pt.MLNet.Tests.Scoring;

[TestClass]
public sealed class ScoredBatchesTests
{
    private const int Side = 2;

    [TestMethod]
    [DataRow(0, 4)]
    [DataRow(1, 4)]
    [DataRow(3, 1)]
    [DataRow(8, 4)]
    [DataRow(9, 4)]
    [DataRow(200, 7)]
    [DataRow(100, 32)]
    public void Next_ImagesOrVectors_GivesEveryRowOnceAndInOrder(int rows, int batchSize)
    {
        foreach (IDataView view in new[] { Images(rows), Vectors(rows) })
        {
            var seen = new List<(float Pixel, DataViewRowId Id)>();
            var counts = new List<int>();
            using var batches = new ScoredBatches(view, Column(view), new FirstPixel(), batchSize);
            while (batches.Next() is { } batch)
            {
                counts.Add(batch.Count);
                seen.AddRange(batch.Predictions.Zip(batch.Ids, (prediction, id) => (prediction.Scores[0][0], id)));
            }

            CollectionAssert.AreEqual(
                Enumerable.Range(0, rows).Select(row => (row * PixelColumn.Scale, new DataViewRowId((ulong)row, 0))).ToArray(), seen);
            CollectionAssert.AreEqual(
                Enumerable.Range(0, rows).Chunk(batchSize).Select(batch => batch.Length).ToArray(), counts);
            Assert.IsNull(batches.Next(), "once over, it stays over");
        }
    }

    [TestMethod]
    public void Next_RowsThatCannotBeRead_ThrowsForTheFirstOfThemAfterTheBatchesBefore()
    {
        // The later batch fails at once, the earlier one after it.
        using var laterFailed = new ManualResetEventSlim(Environment.ProcessorCount == 1);
        IDataView view = Images(20, row =>
        {
            if (row == 13)
            {
                laterFailed.Set();
                throw new IOException("thirteen");
            }

            if (row == 8)
            {
                laterFailed.Wait();
                throw new IOException("eight");
            }
        });
        using var batches = new ScoredBatches(view, Column(view), new FirstPixel(), batchSize: 4);

        Assert.AreEqual(4, batches.Next()?.Count);
        Assert.AreEqual(4, batches.Next()?.Count);
        for (int attempt = 0; attempt < 2; attempt++)
        {
            var e = Assert.ThrowsExactly<InvalidDataException>(() => batches.Next());
            Assert.AreEqual("Row 8: column 'Image' could not be read: eight", e.Message);
            Assert.IsInstanceOfType<IOException>(e.InnerException);
        }
    }

    [TestMethod]
    public void Next_ScorerFails_ThrowsThatAfterTheBatchesBefore()
    {
        IDataView view = Images(20);
        using var batches = new ScoredBatches(view, Column(view), new FirstPixel(broken: 6 * PixelColumn.Scale), batchSize: 3);

        Assert.AreEqual(3, batches.Next()?.Count);
        Assert.AreEqual(3, batches.Next()?.Count);
        Assert.ThrowsExactly<ObjectDisposedException>(() => batches.Next());
    }

    [TestMethod]
    public void Dispose_MidWay_ClosesCursorsEndsThreadsAndHasNotReadMuchAhead()
    {
        var threads = new ConcurrentDictionary<Thread, int>();
        int last = 0;
        var view = new WatchedView(Images(1000, row =>
        {
            threads.TryAdd(Thread.CurrentThread, row);
            InterlockedMax(ref last, row);
        }));
        var batches = new ScoredBatches(view, Column(view), new FirstPixel(), batchSize: 4);
        for (int i = 0; i < 3; i++)
            batches.Next();

        batches.Dispose();
        batches.Dispose();

        Assert.AreEqual(0, view.OpenCursors);
        Assert.IsTrue(threads.Keys.All(thread => thread != Thread.CurrentThread && !thread.IsAlive));
        Assert.IsLessThanOrEqualTo(11 + (4 * 2 * Environment.ProcessorCount), last, "the third batch ends at row 11");
    }

    [TestMethod]
    public void Dispose_NothingRead_ClosesCursors()
    {
        var view = new WatchedView(Images(10));

        new ScoredBatches(view, Column(view), new FirstPixel(), batchSize: 4).Dispose();

        Assert.AreEqual(0, view.OpenCursors);
        Assert.AreEqual(Math.Min(Environment.ProcessorCount, 3), view.OpenedCursors);
    }

    [TestMethod]
    public void Constructor_CursorThatCannotBeOpened_ClosesThoseBeforeIt()
    {
        int possible = Math.Min(Environment.ProcessorCount, 3) - 1;
        var view = new WatchedView(Images(10), possible);

        Assert.ThrowsExactly<IOException>(() => new ScoredBatches(view, Column(view), new FirstPixel(), batchSize: 4));

        Assert.AreEqual(possible + 1, view.OpenedCursors);
        Assert.AreEqual(0, view.OpenCursors);
    }

    /// <summary>Returns the first pixel of each image as its prediction.</summary>
    private sealed class FirstPixel(float broken = -1) : IScorer
    {
        public Prediction[] Score(float[] pixels, int count)
        {
            ObjectDisposedException.ThrowIf(pixels[0] == broken, this);
            return [.. Enumerable.Range(0, count).Select(i => new Prediction([[pixels[i * 3 * Side * Side]]], [0], []))];
        }

        public void Dispose()
        {
        }
    }

    private static PixelColumn Column(IDataView view) => PixelColumn.Bind(view.Schema, "Image");

    /// <summary>Images whose every byte is the number of their row.</summary>
    private static ColumnarDataView Images(int rows, Action<int>? read = null) => new ColumnarDataView.Builder(rows)
        .Add("Image", new ImageDataViewType(Side, Side), (int row, ref MLImage value) =>
        {
            read?.Invoke(row);
            value?.Dispose();
            value = MLImage.CreateFromPixels(Side, Side, MLPixelFormat.Bgra32, Enumerable.Repeat((byte)row, 4 * Side * Side).ToArray());
        })
        .Build();

    private static ColumnarDataView Vectors(int rows) => new ColumnarDataView.Builder(rows)
        .Add("Image", new VectorDataViewType(NumberDataViewType.Single, 3, Side, Side), (int row, ref VBuffer<float> value) =>
            value = new VBuffer<float>(3 * Side * Side, Enumerable.Repeat(row * PixelColumn.Scale, 3 * Side * Side).ToArray()))
        .Build();

    private static void InterlockedMax(ref int location, int value)
    {
        for (int seen = location; seen < value; seen = location)
            Interlocked.CompareExchange(ref location, value, seen);
    }
}
