namespace Samples.Shared;

/// <summary>Calls back on the caller's thread, unlike <see cref="Progress{T}"/>.</summary>
internal sealed class Callback<T>(Action<T> action) : IProgress<T>
{
    public void Report(T value) => action(value);
}
