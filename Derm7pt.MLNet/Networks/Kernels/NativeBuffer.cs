using System.Runtime.InteropServices;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>Numbers outside the managed heap, 0 at first, aligned to a cache line.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const int Alignment = 64;

    private float* _start;

    public NativeBuffer(nint length)
    {
        nuint bytes = (nuint)length * sizeof(float);
        _start = (float*)NativeMemory.AlignedAlloc(bytes, Alignment);
        NativeMemory.Clear(_start, bytes);
    }

    ~NativeBuffer() => Free();

    public float* Start => _start;

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_start);
        _start = null;
    }
}
