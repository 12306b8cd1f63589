using System.IO.MemoryMappedFiles;
using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Inputs;

/// <summary>
/// Stores decoded images of one size as bytes: in memory up to a budget, and in memory-mapped temporary files beyond it.
/// </summary>
/// <remarks>Several threads can add images, and read images that have been added, concurrently.</remarks>
internal sealed class ImageStore : IDisposable
{
    private const int ChunkBytes = 32 << 20;

    private readonly Lock _lock = new();
    private readonly List<Chunk> _chunks = [];
    private readonly int _imagesPerChunk;
    private readonly long _memoryBudget;
    private long _memoryUsed;

    /// <param name="imageBytes">The number of bytes per image.</param>
    /// <param name="memoryBudget">The maximum number of bytes in memory; 0 stores all images in files.</param>
    public ImageStore(int imageBytes, long memoryBudget)
    {
        (ImageBytes, _memoryBudget) = (imageBytes, memoryBudget);
        _imagesPerChunk = Math.Max(1, ChunkBytes / imageBytes);
    }

    public int ImageBytes { get; }

    public int Count { get; private set; }

    /// <summary>The number of bytes in memory.</summary>
    public long MemoryBytes => _memoryUsed;

    /// <summary>The number of bytes in memory-mapped files.</summary>
    public long MappedBytes => _chunks.OfType<MappedChunk>().Sum(chunk => chunk.Length);

    /// <summary>Copies an image into the store and returns its index.</summary>
    public int Add(ReadOnlySpan<byte> image)
    {
        if (image.Length != ImageBytes)
            throw new ArgumentException(Invariant($"Expected an image of {ImageBytes} bytes, got {image.Length}."), nameof(image));

        int index;
        Chunk chunk;
        lock (_lock)
        {
            index = Count++;
            if (index / _imagesPerChunk == _chunks.Count)
                _chunks.Add(NewChunk());
            chunk = _chunks[index / _imagesPerChunk];
        }

        image.CopyTo(chunk.Slice((index % _imagesPerChunk) * (long)ImageBytes, ImageBytes));
        return index;
    }

    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return _chunks[index / _imagesPerChunk].Slice((index % _imagesPerChunk) * (long)ImageBytes, ImageBytes);
        }
    }

    public void Dispose()
    {
        foreach (Chunk chunk in _chunks)
            chunk.Dispose();
        _chunks.Clear();
        Count = 0;
    }

    private Chunk NewChunk()
    {
        long bytes = (long)_imagesPerChunk * ImageBytes;
        if (_memoryUsed + bytes > _memoryBudget)
            return new MappedChunk(bytes);
        _memoryUsed += bytes;
        return new MemoryChunk(bytes);
    }

    private abstract class Chunk : IDisposable
    {
        public abstract Span<byte> Slice(long offset, int length);

        public abstract void Dispose();
    }

    private sealed class MemoryChunk(long bytes) : Chunk
    {
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(checked((int)bytes));

        public override Span<byte> Slice(long offset, int length) => _bytes.AsSpan((int)offset, length);

        public override void Dispose()
        {
        }
    }

    private sealed unsafe class MappedChunk : Chunk
    {
        private readonly FileStream _file;
        private readonly MemoryMappedFile _map;
        private readonly MemoryMappedViewAccessor _view;
        private readonly byte* _start;

        public MappedChunk(long bytes)
        {
            Length = bytes;
            string path = TempFolder.NewPath("derm7pt-images-", ".tmp");
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
                Options = FileOptions.DeleteOnClose,
                // The space is reserved, so that a full disk causes an exception here and not a fault at a later write to the mapping.
                PreallocationSize = bytes,
            };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            try
            {
                _file = new FileStream(path, options);
                _file.SetLength(bytes);
            }
            catch (Exception e) when (TempFolder.IsFileFailure(e))
            {
                _file?.Dispose();
                throw TempFolder.Blame(Invariant($"Holding {bytes >> 20} MB of images, more than ImageCacheBytes leaves in memory,"), e);
            }

            _map = MemoryMappedFile.CreateFromFile(_file, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
            _view = _map.CreateViewAccessor(0, bytes);
            // Images may be licensed or private, so other users cannot read the file, and it does not remain if the process is killed.
            // On Unix the mapping remains valid after the file is deleted; on Windows the system deletes the file when it is closed.
            if (!OperatingSystem.IsWindows())
                File.Delete(path);
            byte* start = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            _start = start + _view.PointerOffset;
        }

        public long Length { get; }

        public override Span<byte> Slice(long offset, int length) => new(_start + offset, length);

        public override void Dispose()
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _map.Dispose();
            _file.Dispose();
        }
    }
}
