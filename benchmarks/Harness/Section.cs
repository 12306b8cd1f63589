namespace Derm7pt.MLNet.Benchmarks.Harness;

/// <summary>A part of the benchmarks that can be run alone.</summary>
/// <param name="Id">The name in <c>--only</c>.</param>
/// <param name="Title">What it measures.</param>
/// <param name="Measure">Measures, and adds to the context's results.</param>
internal sealed record Section(string Id, string Title, Action<BenchmarkContext> Measure)
{
    /// <summary>Measures. A failure is recorded as a result, so that the other sections still run.</summary>
    public void Run(BenchmarkContext context)
    {
        context.Begin(this);
        try
        {
            Measure(context);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // libtorch appends its stack.
            context.Fail(e.Message.Split('\n')[0]);
        }
    }
}
