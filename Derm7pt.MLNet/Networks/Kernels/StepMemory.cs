using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>Memory of large tensors that is kept from one training step to the next.</summary>
/// <remarks>
/// The system provides large memory page by page, zeroed, and torch releases it with every tensor, which took a fifth
/// of the processor time of training. Between <see cref="BeginStep"/> and its end, large tensors of this thread are
/// parts of kept memory. A step must release them; at its end their memory is free for the next step.
/// </remarks>
internal sealed class StepMemory : IDisposable
{
    // Smaller tensors remain in the heap of the C library.
    private const long SmallestBytes = 1 << 20;

    [ThreadStatic]
    private static StepMemory? _current;

    private readonly List<KeptBuffer> _buffers = [];
    private bool _grew;

    /// <summary>Creates a tensor with undefined values.</summary>
    /// <param name="shape">Its sizes.</param>
    /// <param name="type">Its type.</param>
    public static Tensor Empty(long[] shape, ScalarType type) =>
        _current?.Take(shape, type) ?? empty(shape, type);

    /// <summary>Makes the memory of a gradient free before the step ends: all that needs it has read it.</summary>
    /// <remarks>The caller must be its only reader: an operator that passes one gradient on to two others does not allow this.</remarks>
    /// <param name="gradient">A contiguous tensor, whether or not it is part of kept memory.</param>
    public static unsafe void Release(Tensor gradient)
    {
        if (_current is not { } current)
            return;
        nint start = (nint)TensorMemory.Bytes(gradient);
        if (current._buffers.Find(kept => kept.Start == start) is { } buffer)
            buffer.IsTaken = false;
    }

    /// <summary>From here on <see cref="Empty"/> takes this memory, on this thread, until the result is disposed.</summary>
    public IDisposable BeginStep() => new Step(this);

    public void Dispose()
    {
        foreach (KeptBuffer buffer in _buffers)
            buffer.Memory.Dispose();
        _buffers.Clear();
    }

    private Tensor? Take(long[] shape, ScalarType type)
    {
        long length = shape.Aggregate(1L, (a, b) => a * b);
        if (length * type.ElementSize() < SmallestBytes)
            return null;
        KeptBuffer? buffer = _buffers.Where(b => !b.IsTaken && b.Memory.dtype == type && b.Length >= length).MinBy(b => b.Length);
        if (buffer is null)
        {
            buffer = new KeptBuffer(length, type);
            _buffers.Add(buffer);
            _grew = true;
        }

        (buffer.IsTaken, buffer.WasUsed) = (true, true);
        using var _ = no_grad();
        using Tensor part = buffer.Memory.narrow(0, 0, length);
        using Tensor shaped = part.view(shape);
        // To autograd a tensor like any other, not a view.
        return shaped.detach();
    }

    private void EndStep()
    {
        // A step that found no room may be the first of another size, and what it did not use may be too small for good.
        if (_grew)
        {
            foreach (KeptBuffer unused in _buffers.Where(buffer => !buffer.WasUsed))
                unused.Memory.Dispose();
            _buffers.RemoveAll(buffer => !buffer.WasUsed);
        }

        _grew = false;
        foreach (KeptBuffer buffer in _buffers)
            (buffer.IsTaken, buffer.WasUsed) = (false, false);
    }

    private sealed unsafe class KeptBuffer
    {
        public KeptBuffer(long length, ScalarType type)
        {
            Length = length;
            Memory = empty([length], type).DetachFromDisposeScope();
            Start = (nint)TensorMemory.Bytes(Memory);
        }

        public Tensor Memory { get; }

        public long Length { get; }

        public nint Start { get; }

        /// <summary>Whether a tensor of the step lies in it.</summary>
        public bool IsTaken { get; set; }

        /// <summary>Whether a tensor of the step has lain in it.</summary>
        public bool WasUsed { get; set; }
    }

    private sealed class Step : IDisposable
    {
        private readonly StepMemory _memory;
        private readonly StepMemory? _outer;

        public Step(StepMemory memory)
        {
            (_memory, _outer) = (memory, _current);
            _current = memory;
        }

        public void Dispose()
        {
            _current = _outer;
            _memory.EndStep();
        }
    }
}
