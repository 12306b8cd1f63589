using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>
/// Limits torch's operators to one thread until it is disposed. The library's own kernels use as many threads as torch had before.
/// </summary>
/// <remarks>
/// Torch divides sums, matrix products and vectors among its threads, and where it divides them decides the last digits.
/// The kernels divide their sums in the same way for every number of threads. What torch is left with is small.
/// The number of threads is the process's, so trainings at the same time share one count of those inside.
/// </remarks>
internal sealed class SerialTorch : IDisposable
{
    private static readonly Lock Gate = new();
    private static int _users;
    private static int _threads;

    [ThreadStatic]
    private static int _kernelThreads;

    private readonly int _outer;

    private SerialTorch()
    {
        _outer = _kernelThreads;
        lock (Gate)
        {
            if (_users++ == 0)
                _threads = get_num_threads();
            _kernelThreads = _threads;
            set_num_threads(1);
        }
    }

    /// <summary>The threads that a kernel may use when it is called by this thread.</summary>
    public static int KernelThreads => _kernelThreads > 0 ? _kernelThreads : get_num_threads();

    /// <returns>What ends it, on the same thread; null if torch's operators do the work and need all threads.</returns>
    /// <param name="device">Where the network is.</param>
    /// <param name="needsTorchThreads">Whether a part of the network is computed by torch's operators.</param>
    public static SerialTorch? Begin(Device device, bool needsTorchThreads) =>
        device.type == DeviceType.CPU && !needsTorchThreads ? new SerialTorch() : null;

    public void Dispose()
    {
        lock (Gate)
        {
            _kernelThreads = _outer;
            _users--;
            if (_outer == 0)
                set_num_threads(_threads);
        }
    }
}
