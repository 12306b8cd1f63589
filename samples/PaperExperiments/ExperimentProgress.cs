using Derm7pt.MLNet;

namespace PaperExperiments;

/// <summary>The progress of the experiments.</summary>
/// <param name="Run">The run that it is about.</param>
/// <param name="Number">The one-based number of the run.</param>
/// <param name="Count">The number of runs.</param>
internal abstract record ExperimentProgress(ExperimentRun Run, int Number, int Count)
{
    /// <summary>A run begins, or goes on from its checkpoint.</summary>
    public sealed record Started(ExperimentRun Run, int Number, int Count, bool Resumes)
        : ExperimentProgress(Run, Number, Count);

    /// <summary>A run trains.</summary>
    public sealed record Training(ExperimentRun Run, int Number, int Count, TrainingProgress Step)
        : ExperimentProgress(Run, Number, Count);

    /// <summary>A run is finished.</summary>
    public sealed record Finished(ExperimentRun Run, int Number, int Count, TimeSpan Duration)
        : ExperimentProgress(Run, Number, Count);

    /// <summary>A run was finished before.</summary>
    public sealed record Skipped(ExperimentRun Run, int Number, int Count) : ExperimentProgress(Run, Number, Count);

    /// <summary>A run failed; the others continue.</summary>
    public sealed record Failed(ExperimentRun Run, int Number, int Count, string Message) : ExperimentProgress(Run, Number, Count);
}
