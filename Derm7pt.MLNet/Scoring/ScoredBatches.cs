using System.Runtime.ExceptionServices;
using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Scoring;

/// <summary>
/// The predictions of all rows, batch by batch and in order, computed ahead by background threads: each reads a batch and
/// scores it, so that decoding and arithmetic overlap and what a thread has read is still in its cache when it is scored.
/// </summary>
/// <remarks>
/// Images: each thread has a cursor over all rows and reads the batches that no other has taken. To pass over a row costs next to
/// nothing, because images are decoded only on request. A cursor set would also divide the rows, but in runs of a
/// fixed length, which would have to be buffered. Vectors: ML.NET computes them, if at all, on its own threads
/// and for every row, so all threads share one cursor.
/// </remarks>
internal sealed class ScoredBatches : IDisposable
{
    private readonly object _lock = new();
    private readonly IScorer _scorer;
    private readonly int _batchSize;
    private readonly int _imageLength;
    private readonly Reader[] _readers;
    private readonly Thread[] _threads;
    private readonly Dictionary<long, ScoredBatch> _done = [];
    private bool _started;
    private bool _disposed;

    // The batch that is wanted, the first one that no thread has taken, and the first one behind the last.
    private long _wanted = -1;
    private long _next;
    private long _end = long.MaxValue;

    /// <param name="data">The rows; all cursors over them must see the same order.</param>
    /// <param name="column">Where the pixels are.</param>
    /// <param name="scorer">Scores them.</param>
    /// <param name="batchSize">Rows of a batch; the last one may have fewer.</param>
    public ScoredBatches(IDataView data, PixelColumn column, IScorer scorer, int batchSize)
    {
        (_scorer, _batchSize, _imageLength) = (scorer, batchSize, column.Length);
        long batches = data.GetRowCount() is { } rows ? (rows + batchSize - 1) / batchSize : long.MaxValue;
        _threads = new Thread[Math.Clamp(batches, 1, Environment.ProcessorCount)];
        _readers = new Reader[column.IsImage ? _threads.Length : 1];
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

    /// <summary>Waits for the next batch.</summary>
    /// <returns>Null after the last one.</returns>
    /// <remarks>Throws what reading or scoring one of its rows has thrown, now and whenever it is called again.</remarks>
    public ScoredBatch? Next()
    {
        Start();
        lock (_lock)
        {
            _done.Remove(_wanted);
            _wanted = Math.Min(_wanted + 1, _end);
            Monitor.PulseAll(_lock);
            ScoredBatch? batch;
            while (!_done.TryGetValue(_wanted, out batch) && _wanted < _end)
                Monitor.Wait(_lock);
            if (batch?.Failure is { } failure)
            {
                _wanted--;
                ExceptionDispatchInfo.Throw(failure);
            }

            return batch is { Count: > 0 } ? batch : null;
        }
    }

    /// <summary>Ends the threads, each after the batch that it is at.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            Monitor.PulseAll(_lock);
        }

        if (_started)
            Array.ForEach(_threads, thread => thread.Join());
        Array.ForEach(_readers, reader => reader?.Dispose());
    }

    private void Start()
    {
        if (_started)
            return;
        for (int i = 0; i < _threads.Length; i++)
        {
            Reader reader = _readers[i % _readers.Length];
            // Memory is allocated here, so that a failure is reported to the reader of the rows and does not end the process.
            var pixels = new float[checked(_batchSize * _imageLength)];
            _threads[i] = new Thread(() => Run(reader, pixels)) { IsBackground = true, Name = nameof(ScoredBatches) };
        }

        _started = true;
        Array.ForEach(_threads, thread => thread.Start());
    }

    private void Run(Reader reader, float[] pixels)
    {
        while (TakeAndRead(reader, pixels) is var (index, batch))
        {
            if (batch.Failure is null && batch.Count > 0)
                batch = Score(batch, pixels);
            lock (_lock)
            {
                _done.Add(index, batch);
                // The first batch that is not whole is the last one, whichever thread is the fastest.
                if (batch.Count < _batchSize || batch.Failure is not null)
                    _end = Math.Min(_end, index + 1);
                Monitor.PulseAll(_lock);
            }
        }
    }

    private (long Index, ScoredBatch Batch)? TakeAndRead(Reader reader, float[] pixels)
    {
        lock (reader)
        {
            long index = Take();
            return index < 0 ? null : (index, reader.Read(index * _batchSize, _batchSize, pixels));
        }
    }

    /// <returns>The next batch that no thread has taken, once there is room for it; −1 if there is none.</returns>
    private long Take()
    {
        lock (_lock)
        {
            // One batch for each thread to work at, and as many waiting to be fetched.
            while (!_disposed && _next < _end && _next > _wanted + (2 * _threads.Length))
                Monitor.Wait(_lock);
            return _disposed || _next >= _end ? -1 : _next++;
        }
    }

    private ScoredBatch Score(ScoredBatch batch, float[] pixels)
    {
        try
        {
            return batch with { Predictions = _scorer.Score(pixels, batch.Count) };
        }
        catch (Exception e)
        {
            return batch with { Failure = e };
        }
    }

    /// <summary>A cursor.</summary>
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

        /// <summary>Reads rows behind those that were read before.</summary>
        /// <param name="first">The first row.</param>
        /// <param name="count">How many rows, if there are as many.</param>
        /// <param name="pixels">Receives their pixels.</param>
        public ScoredBatch Read(long first, int count, float[] pixels)
        {
            var ids = new List<DataViewRowId>(count);
            try
            {
                int length = pixels.Length / count;
                for (long row = first; row < first + count && MoveTo(row); row++)
                {
                    _pixels.Read(pixels.AsSpan((int)(row - first) * length, length));
                    DataViewRowId id = default;
                    _id(ref id);
                    ids.Add(id);
                }

                return new ScoredBatch(ids, [], null);
            }
            catch (Exception e)
            {
                return new ScoredBatch(ids, [], e);
            }
        }

        private bool MoveTo(long row)
        {
            for (; _position < row; _position++)
            {
                if (!_cursor.MoveNext())
                    return false;
            }

            return true;
        }

        public void Dispose()
        {
            _pixels.Dispose();
            _cursor.Dispose();
        }
    }
}

/// <summary>Some rows in order.</summary>
/// <param name="Ids">The ids of the rows.</param>
/// <param name="Predictions">Their predictions.</param>
/// <param name="Failure">Why they could not be read or scored.</param>
internal sealed record ScoredBatch(IReadOnlyList<DataViewRowId> Ids, Prediction[] Predictions, Exception? Failure)
{
    public int Count => Ids.Count;
}
