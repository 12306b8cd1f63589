using System.Buffers;
using System.Runtime.ExceptionServices;
using Derm7pt.MLNet.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Scoring;

/// <summary>
/// The pixels of all rows, batch by batch and in order, read by threads of its own: the next batch while the last one is scored.
/// </summary>
/// <remarks>
/// Each thread has a cursor over all rows and takes the next row that no other has taken. To pass over a row costs next to
/// nothing, because an image is decoded only where it is asked for. A cursor set would share out the rows too, but in runs of a
/// length of its own, which had to be held until their turn comes; here memory is that of two batches, however many threads there are.
/// </remarks>
internal sealed class PixelBatches : IDisposable
{
    // One is scored and one is filled.
    private const int Buffers = 2;

    private readonly object _lock = new();
    private readonly int _batchSize;
    private readonly int _imageLength;
    private readonly Reader[] _readers;
    private float[][] _pixels = [];
    private readonly DataViewRowId[][] _ids;
    private Thread[] _threads = [];
    private long _batch = -1;

    // The first row that no thread has taken.
    private long _next;

    // The first row that is not there, or that could not be read, and then why.
    private long _end = long.MaxValue;
    private Exception? _failure;

    /// <param name="data">The rows; all cursors over them must see the same order.</param>
    /// <param name="column">Where the pixels are.</param>
    /// <param name="batchSize">Rows of a batch; the last one may have fewer.</param>
    public PixelBatches(IDataView data, PixelColumn column, int batchSize)
    {
        (_batchSize, _imageLength) = (batchSize, column.Length);
        _ids = [.. Enumerable.Range(0, Buffers).Select(_ => new DataViewRowId[batchSize])];

        // A vector is there already, or ML.NET computes it on threads of its own: then one thread is enough to copy it.
        _readers = new Reader[column.IsImage ? Math.Min(Environment.ProcessorCount, Buffers * batchSize) : 1];
        try
        {
            for (int i = 0; i < _readers.Length; i++)
                _readers[i] = new Reader(data, column);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The ids of the rows of the batch that <see cref="Next"/> gave last.</summary>
    public ReadOnlySpan<DataViewRowId> Ids => _ids[_batch % Buffers];

    /// <summary>Waits for the next batch and gives the one before it back.</summary>
    /// <param name="pixels">The pixels of its rows, valid until the next call.</param>
    /// <returns>The number of its rows; 0 after the last one.</returns>
    /// <remarks>Throws what reading one of its rows has thrown.</remarks>
    public int Next(out float[] pixels)
    {
        if (_threads.Length == 0)
            Start();
        lock (_lock)
        {
            long first = ++_batch * _batchSize, behind = first + _batchSize;
            Monitor.PulseAll(_lock);
            while (FirstUnread() < Math.Min(_end, behind))
                Monitor.Wait(_lock);
            if (_failure is not null && _end < behind)
                ExceptionDispatchInfo.Throw(_failure);
            pixels = _pixels[_batch % Buffers];
            return (int)Math.Clamp(_end - first, 0, _batchSize);
        }
    }

    /// <summary>Ends the threads, each after the row that it reads.</summary>
    public void Dispose()
    {
        EndAt(0, null);
        Array.ForEach(_threads, thread => thread.Join());
        for (int i = 0; i < _readers.Length; i++)
            _readers[i]?.Dispose();
        Array.ForEach(_pixels, rented => ArrayPool<float>.Shared.Return(rented));
        _pixels = [];
    }

    private void Start()
    {
        _pixels = [.. Enumerable.Range(0, Buffers).Select(_ => ArrayPool<float>.Shared.Rent(_batchSize * _imageLength))];
        _threads = Array.ConvertAll(_readers, reader => new Thread(() => Run(reader)) { IsBackground = true, Name = nameof(PixelBatches) });
        Array.ForEach(_threads, thread => thread.Start());
    }

    private void Run(Reader reader)
    {
        while (Take(reader))
        {
            try
            {
                int buffer = (int)(reader.Row / _batchSize % Buffers), place = (int)(reader.Row % _batchSize);
                if (!reader.Read(_pixels[buffer].AsSpan(place * _imageLength, _imageLength), out _ids[buffer][place]))
                    EndAt(reader.Reached, null);
            }
            catch (Exception e)
            {
                EndAt(reader.Reached, e);
            }
        }
    }

    /// <summary>Tells that a reader is done with its row, and gives it another one once there is room for it.</summary>
    /// <returns>Whether there is another one.</returns>
    private bool Take(Reader reader)
    {
        lock (_lock)
        {
            reader.Row = long.MaxValue;
            Monitor.PulseAll(_lock);
            while (_next < _end && _next / _batchSize >= _batch + Buffers)
                Monitor.Wait(_lock);
            if (_next >= _end)
                return false;
            reader.Row = _next++;
            return true;
        }
    }

    private long FirstUnread() => _readers.Aggregate(_next, (first, reader) => Math.Min(first, reader.Row));

    // The first of several failures counts, whichever thread is the fastest.
    private void EndAt(long row, Exception? failure)
    {
        lock (_lock)
        {
            if (row < _end)
                (_end, _failure) = (row, failure);
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>One thread's cursor.</summary>
    private sealed class Reader : IDisposable
    {
        private readonly DataViewRowCursor _cursor;
        private readonly PixelReader _pixels;
        private readonly ValueGetter<DataViewRowId> _id;
        private long _position = -1;

        public Reader(IDataView data, PixelColumn column)
        {
            _cursor = data.GetRowCursor([column.Column]);
            try
            {
                (_pixels, _id) = (column.Open(_cursor, data), _cursor.GetIdGetter());
            }
            catch
            {
                _cursor.Dispose();
                throw;
            }
        }

        /// <summary>The row to read.</summary>
        public long Row { get; set; } = long.MaxValue;

        /// <summary>The row that reading came to: the one to read, or one before it where the data ended or failed.</summary>
        public long Reached => Math.Min(Row, _position + 1);

        /// <returns>Whether there is such a row.</returns>
        public bool Read(Span<float> pixels, out DataViewRowId id)
        {
            id = default;
            for (; _position < Row; _position++)
            {
                if (!_cursor.MoveNext())
                    return false;
            }

            _id(ref id);
            _pixels.Read(pixels);
            return true;
        }

        public void Dispose()
        {
            _pixels.Dispose();
            _cursor.Dispose();
        }
    }
}
