using System.Collections.Concurrent;
using Derm7pt.MLNet.Data;
using Derm7pt.MLNet.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Derm7pt.MLNet.Tests.Scoring;

[TestClass]
public sealed class PixelBatchesTests
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
            using var batches = new PixelBatches(view, Column(view), batchSize);
            for (int count = batches.Next(out float[] pixels); count > 0; count = batches.Next(out pixels))
            {
                counts.Add(count);
                for (int i = 0; i < count; i++)
                    seen.Add((pixels[i * 3 * Side * Side], batches.Ids[i]));
            }

            CollectionAssert.AreEqual(
                Enumerable.Range(0, rows).Select(row => (row * PixelColumn.Scale, new DataViewRowId((ulong)row, 0))).ToArray(), seen);
            CollectionAssert.AreEqual(
                Enumerable.Range(0, rows).Chunk(batchSize).Select(batch => batch.Length).ToArray(), counts);
            Assert.AreEqual(0, batches.Next(out _), "once over, it stays over");
        }
    }

    [TestMethod]
    public void Next_RowsThatCannotBeRead_ThrowsForTheFirstOfThemAfterTheBatchesBefore()
    {
        // The later one fails at once, the earlier one when the other has.
        using var laterFailed = new ManualResetEventSlim(Environment.ProcessorCount == 1);
        IDataView view = Images(20, row =>
        {
            if (row == 9)
            {
                laterFailed.Set();
                throw new IOException("nine");
            }

            if (row == 8)
            {
                laterFailed.Wait();
                throw new IOException("eight");
            }
        });
        using var batches = new PixelBatches(view, Column(view), batchSize: 4);

        Assert.AreEqual(4, batches.Next(out _));
        Assert.AreEqual(4, batches.Next(out _));
        for (int attempt = 0; attempt < 2; attempt++)
        {
            var e = Assert.ThrowsExactly<InvalidDataException>(() => batches.Next(out _));
            Assert.AreEqual("Row 8: column 'Image' could not be read: eight", e.Message);
            Assert.IsInstanceOfType<IOException>(e.InnerException);
        }
    }

    [TestMethod]
    public void Dispose_MidWay_ClosesCursorsEndsThreadsAndHasReadOneBatchAhead()
    {
        var threads = new ConcurrentDictionary<Thread, int>();
        int last = 0;
        var view = new WatchedView(Images(1000, row =>
        {
            threads.TryAdd(Thread.CurrentThread, row);
            InterlockedMax(ref last, row);
        }));
        var batches = new PixelBatches(view, Column(view), batchSize: 4);
        for (int i = 0; i < 3; i++)
            batches.Next(out _);

        batches.Dispose();
        batches.Dispose();

        Assert.AreEqual(0, view.OpenCursors);
        Assert.IsTrue(threads.Keys.All(thread => thread != Thread.CurrentThread && !thread.IsAlive));
        Assert.IsLessThanOrEqualTo(15, last, "the third batch ends at row 11");
    }

    [TestMethod]
    public void Dispose_NothingRead_ClosesCursors()
    {
        var view = new WatchedView(Images(10));

        new PixelBatches(view, Column(view), batchSize: 4).Dispose();

        Assert.AreEqual(0, view.OpenCursors);
        Assert.AreEqual(Math.Min(Environment.ProcessorCount, 8), view.OpenedCursors);
    }

    [TestMethod]
    public void Constructor_CursorThatCannotBeOpened_ClosesThoseBeforeIt()
    {
        int possible = Math.Min(Environment.ProcessorCount, 8) - 1;
        var view = new WatchedView(Images(10), possible);

        Assert.ThrowsExactly<IOException>(() => new PixelBatches(view, Column(view), batchSize: 4));

        Assert.AreEqual(possible + 1, view.OpenedCursors);
        Assert.AreEqual(0, view.OpenCursors);
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
