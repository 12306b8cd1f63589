using Spectre.Console;

namespace Samples.Shared;

/// <summary>Progress bars that stay on a terminal until they are disposed; they have no effect if the console is not a terminal.</summary>
internal sealed class LiveBars : IDisposable
{
    private readonly TaskCompletionSource _done = new();
    private readonly Task? _display;

    /// <param name="console">The console that shows the bars.</param>
    /// <param name="addBars">Adds the bars, before the constructor returns.</param>
    public LiveBars(IAnsiConsole console, Action<ProgressContext> addBars)
    {
        if (!console.Profile.Capabilities.Interactive)
            return;
        var started = new TaskCompletionSource();
        _display = console.Progress().Columns(Bars.Columns).StartAsync(async context =>
        {
            addBars(context);
            started.SetResult();
            await _done.Task;
        });
        // If the display cannot start, the constructor must not wait for it.
        if (Task.WaitAny(started.Task, _display) == 1)
            _display.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _done.TrySetResult();
        _display?.Wait();
    }
}
