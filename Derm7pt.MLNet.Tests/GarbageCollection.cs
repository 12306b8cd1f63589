namespace Derm7pt.MLNet.Tests;

/// <summary>A thread that collects garbage and runs finalizers all the time, until it is disposed.</summary>
internal sealed class GarbageCollection : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;

    public GarbageCollection()
    {
        _thread = new Thread(Run);
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.IsCancellationRequested)
        {
            GC.Collect(generation: 0);
            GC.WaitForPendingFinalizers();
        }
    }
}
