using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Benchmarks.Growth;
using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Benchmarks.Profile;
using Derm7pt.MLNet.Benchmarks.Python;

namespace Derm7pt.MLNet.Benchmarks;

/// <summary>All sections, in the order in which they run.</summary>
internal static class Sections
{
    public static IReadOnlyList<Section> All { get; } =
    [
        new("step", "Training steps, from pixels and from the image cache", TrainingStepCases.Measure),
        new("step-wide", "Training steps of the wide network", TrainingStepCases.MeasureWide),
        new("score", "Scoring from pixels, in batches and row by row", ScoringCase.Measure),
        new("sgemm", "The share of the machine's matrix product that scoring reaches", MachineShareCase.Measure),
        new("files", "Scoring from JPEG files, and decoding alone", FileScoringCase.Measure),
        new("cache", "Reading images into the cache, and on one thread", ImageCacheCase.Measure),
        new("memory", "Peak memory of training, each in a process of its own", PeakMemoryCase.Measure),
        new("system", "The operating system's share of the processor time of training", SystemTimeCase.Measure),
        new("pytorch", "The literal network in PyTorch", PyTorchCase.Measure),
        new("growth", "Time and memory against cases, width and image size", GrowthCase.Measure),
        new("profile", "Where the time goes", ProfileCase.Measure),
    ];
}
