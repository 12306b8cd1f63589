using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Derm7pt.MLNet.Tasks;
using Microsoft.ML;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Represents the data that training reads: images of one size, decoded once and stored as bytes, with their labels.</summary>
internal sealed class LabelledImages : IDisposable
{
    private readonly ImageStore _store;
    private readonly int[] _slots;
    private readonly bool _ownsStore;

    private LabelledImages(ImageStore store, int[] slots, LabelTable labels, int height, int width, bool ownsStore)
    {
        (_store, _slots, Labels, Height, Width, _ownsStore) = (store, slots, labels, height, width, ownsStore);
    }

    public LabelTable Labels { get; }

    public int Height { get; }

    public int Width { get; }

    public int Count => _slots.Length;

    /// <summary>The number of bytes of pixels in memory.</summary>
    public long MemoryBytes => _store.MemoryBytes;

    /// <summary>Gets the planar RGB bytes of a case.</summary>
    public ReadOnlySpan<byte> this[int index] => _store[_slots[index]];

    /// <summary>Creates a subset of the cases that uses the same memory and is valid as long as this object.</summary>
    public LabelledImages Subset(IReadOnlyList<int> cases) =>
        new(_store, [.. cases.Select(c => _slots[c])], Labels.Subset(cases), Height, Width, ownsStore: false);

    /// <summary>Computes the SHA-256 checksum of the sizes, labels and pixels of all cases, in order.</summary>
    public byte[] Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes<int>([Height, Width, Count]));
        foreach (int[] column in Labels.Columns)
            hash.AppendData(MemoryMarshal.AsBytes<int>(column));
        for (int i = 0; i < Count; i++)
            hash.AppendData(this[i]);
        return hash.GetHashAndReset();
    }

    public void Dispose()
    {
        if (_ownsStore)
            _store.Dispose();
    }

    /// <summary>Reads all rows with as many cursors as the data provide, so that images are decoded in parallel.</summary>
    /// <param name="data">The rows, with the pixel column and all label columns.</param>
    /// <param name="imageColumn">The name of the pixel column.</param>
    /// <param name="taxonomy">The tasks.</param>
    /// <param name="role">The name of the data in messages, by their purpose.</param>
    /// <param name="memoryBudget">The maximum number of bytes of pixels in memory; further pixels are written to memory-mapped files.</param>
    /// <param name="imageRead">A callback that several threads call concurrently, once per image.</param>
    /// <param name="cancellation">Cancels the reading.</param>
    public static LabelledImages Read(
        IDataView data, string imageColumn, Taxonomy taxonomy, string role, long memoryBudget, Action? imageRead,
        CancellationToken cancellation)
    {
        PixelColumn pixels = PixelColumn.Bind(data.Schema, imageColumn);
        DataViewSchema.Column[] labels = LabelColumns.Bind(data.Schema, taxonomy);
        var store = new ImageStore(pixels.Length, memoryBudget);
        try
        {
            DataViewRowCursor[] cursors = data.GetRowCursorSet([pixels.Column, .. labels], Environment.ProcessorCount);
            List<Row>[] rows = ReadAll(data, cursors, pixels, labels, store, imageRead, cancellation);

            // The cursors of a set divide the rows batch by batch. The batch number restores the order of the data, on which
            // reproducible training depends.
            List<Row> ordered = [.. rows.SelectMany(r => r).OrderBy(row => row.Batch).ThenBy(row => row.Position)];
            if (ordered.Count == 0)
                throw new InvalidOperationException($"The {role} has no rows.");
            var table = new LabelTable(
                taxonomy, [.. Enumerable.Range(0, labels.Length).Select(task => ordered.Select(row => row.Labels[task]).ToArray())]);
            return new LabelledImages(store, [.. ordered.Select(row => row.Slot)], table, pixels.Height, pixels.Width, ownsStore: true);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private static List<Row>[] ReadAll(
        IDataView data, DataViewRowCursor[] cursors, PixelColumn pixels, DataViewSchema.Column[] labels, ImageStore store, Action? imageRead,
        CancellationToken cancellation)
    {
        var rows = new List<Row>[cursors.Length];
        var failures = new Exception?[cursors.Length];
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        // The cursors of a set may wait for each other, so that all must advance concurrently. A parallel loop does not ensure this.
        Thread[] threads = [.. cursors.Select((cursor, i) => new Thread(() => rows[i] = Drain(i)) { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        cancellation.ThrowIfCancellationRequested();
        if (Array.Find(failures, failure => failure is not null) is { } first)
            ExceptionDispatchInfo.Throw(first);
        return rows;

        List<Row> Drain(int i)
        {
            var drained = new List<Row>();
            try
            {
                using DataViewRowCursor cursor = cursors[i];
                using PixelReader reader = pixels.Open(cursor, data);
                Func<int>[] getters = Array.ConvertAll(labels, column => LabelColumns.Getter(cursor, column));
                var image = new byte[pixels.Length];
                while (!failed.IsCancellationRequested && cursor.MoveNext())
                {
                    reader.Read(image);
                    drained.Add(new Row(cursor.Batch, cursor.Position, store.Add(image), Array.ConvertAll(getters, getter => getter())));
                    imageRead?.Invoke();
                }
            }
            catch (Exception e)
            {
                failures[i] = e;
                failed.Cancel();
            }

            return drained;
        }
    }

    private readonly record struct Row(long Batch, long Position, int Slot, int[] Labels);
}
