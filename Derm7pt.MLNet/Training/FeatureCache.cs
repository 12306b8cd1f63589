using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Networks.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>
/// Stores the features that a frozen encoder computes of one or more views of every case. A mini-batch uses one view of each of its cases, drawn
/// at random, and the network continues from the features.
/// </summary>
internal sealed class FeatureCache : IBatchInput
{
    // The pixels of so many images are prepared in parallel; between them the computation can be canceled.
    private const int ImagesAtOnce = 16;

    private readonly TorchNetwork _network;
    private readonly int _cases;
    private readonly int _views;
    private readonly int _seed;
    private readonly long _memoryBudget;

    // The features of the first view of all cases, then those of the second view, and so on. The first features determine the shape.
    private ByteStore? _store;
    private long[] _shape = [];

    private FeatureCache(TorchNetwork network, int cases, int views, int seed, long memoryBudget) =>
        (_network, _cases, _views, _seed, _memoryBudget) = (network, cases, views, seed, memoryBudget);

    public bool RunsEncoder => false;

    /// <summary>The number of stored features, each of one view of one case.</summary>
    public int Count => _store?.Count ?? 0;

    /// <summary>The number of bytes of features in memory.</summary>
    public long MemoryBytes => Math.Min(Bytes, _store?.MemoryBytes ?? 0);

    /// <summary>The number of bytes of features in memory-mapped files.</summary>
    public long MappedBytes => Bytes - MemoryBytes;

    /// <summary>The number of bytes of memory that are reserved for features.</summary>
    public long ReservedBytes => _store?.MemoryBytes ?? 0;

    private long Bytes => Count * (long)(_store?.ItemBytes ?? 0);

    /// <summary>Computes the features of all cases.</summary>
    /// <param name="network">The network; its encoder is frozen.</param>
    /// <param name="images">The images of the cases; view v is what epoch v reads.</param>
    /// <param name="cases">The number of cases.</param>
    /// <param name="views">The number of views of each case.</param>
    /// <param name="seed">Determines the views of a mini-batch, together with its position.</param>
    /// <param name="memoryBudget">The maximum number of bytes in memory; the rest is stored in memory-mapped temporary files.</param>
    /// <param name="progress">Called after every few images, with the features so far.</param>
    /// <param name="cancellation">Cancels the computation.</param>
    /// <exception cref="OperationCanceledException">The computation was canceled; nothing is stored then.</exception>
    /// <exception cref="IOException">A temporary file could not be created.</exception>
    public static FeatureCache Compute(
        TorchNetwork network, PixelBatches images, int cases, int views, int seed, long memoryBudget, Action<FeatureCache> progress,
        CancellationToken cancellation)
    {
        var cache = new FeatureCache(network, cases, views, seed, memoryBudget);
        try
        {
            cache.Fill(images, progress, cancellation);
            return cache;
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    public unsafe Tensor Read(int[] cases, int epoch = 0, int batch = 0)
    {
        Random random = SeedSequence.Random(_seed, SeedSequence.Purpose.View, epoch, batch);
        Tensor features = StepMemory.Empty([cases.Length, .. _shape], float32);
        byte* target = TensorMemory.Bytes(features);
        for (int i = 0; i < cases.Length; i++)
        {
            ReadOnlySpan<byte> kept = _store![(random.Next(_views) * _cases) + cases[i]];
            kept.CopyTo(new Span<byte>(target + ((nint)i * kept.Length), kept.Length));
        }

        return features.to(_network.Device);
    }

    public NetworkOutput Forward(Tensor input) => _network.ForwardEncoded(input);

    public void Dispose() => _store?.Dispose();

    private void Fill(PixelBatches images, Action<FeatureCache> progress, CancellationToken cancellation)
    {
        using var memory = new StepMemory();
        using var _ = no_grad();
        for (int view = 0; view < _views; view++)
        {
            foreach ((int batch, int[] cases) in Enumerable.Range(0, _cases).Chunk(ImagesAtOnce).Index())
            {
                cancellation.ThrowIfCancellationRequested();
                using IDisposable step = memory.BeginStep();
                using DisposeScope scope = NewDisposeScope();
                Add(_network.Encode(images.Read(cases, view, batch)).to(float32).cpu().contiguous());
                progress(this);
            }
        }
    }

    private unsafe void Add(Tensor features)
    {
        if (_store is null)
        {
            _shape = features.shape[1..];
            _store = new ByteStore("features", checked((int)(features.numel() / features.shape[0] * sizeof(float))), _memoryBudget);
        }

        byte* values = TensorMemory.Bytes(features);
        for (int i = 0; i < features.shape[0]; i++)
            _store.Add(new ReadOnlySpan<byte>(values + ((nint)i * _store.ItemBytes), _store.ItemBytes));
    }
}
