using Spectre.Console;

namespace Samples.Shared;

/// <summary>Progress bars that stay on a terminal until they are disposed; nothing where the console is not a terminal.</summary>
internal sealed class LiveBars : IDisposable
{
    private readonly TaskCompletionSource _done = new();
    private readonly Task? _display;

    /// <param name="console">Where to show them.</param>
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
        // A display that cannot start must not be waited for.
        if (Task.WaitAny(started.Task, _display) == 1)
            _display.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _done.TrySetResult();
        _display?.Wait();
    }
}
