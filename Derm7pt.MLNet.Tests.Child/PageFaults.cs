using System.Globalization;
using Derm7pt.MLNet.Synthetic;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Child;

/// <summary>Training steps, with the number of memory pages that the system had to provide for each. On Linux only.</summary>
internal static class PageFaults
{
    private const int Extent = 128, Batch = 48, Steps = 30, FirstMeasured = 10;

    /// <summary>Trains, and prints the page faults per step of the later steps.</summary>
    public static void CountInTraining(MLContext mlContext, string folder)
    {
        SyntheticRelease.Write(folder, new SyntheticReleaseOptions { Cases = 90, Width = 96, Height = 64, Seed = 3 });
        Derm7ptRelease release = mlContext.Data.LoadDerm7pt(folder);
        var counter = new Counter();
        using TransformerChain<Derm7ptMultiTaskTransformer> model = mlContext.Transforms.LoadImages("Image", imageFolder: "", "ImagePath")
            .Append(mlContext.Transforms.ResizeImages("Image", Extent, Extent))
            .Append(mlContext.Transforms.Derm7ptMultiTask(new Derm7ptMultiTaskEstimator.Options
            {
                Training = new TrainingOptions { MaximumEpochs = 1, BatchesPerEpoch = Steps, BatchSize = Batch, ValidationFraction = 0 },
                Runtime = new RuntimeOptions { Device = ComputeDevice.Cpu, Progress = counter },
            }))
            .Fit(release.Train);
        Console.WriteLine(Invariant($"faults={counter.PerStep}"));
    }

    /// <summary>The page faults of this process that needed no reading from a disk.</summary>
    private static long Current() =>
        // The name of the process, in parentheses, may hold spaces. After it follow the state, field 3, and then field 10, the faults.
        long.Parse(File.ReadAllText("/proc/self/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[7], CultureInfo.InvariantCulture);

    private sealed class Counter : IProgress<TrainingProgress>
    {
        private long _first;

        public long PerStep { get; private set; }

        public void Report(TrainingProgress value)
        {
            if (value is not TrainingProgress.BatchDone { Batch: var batch })
                return;
            if (batch == FirstMeasured)
                _first = Current();
            else if (batch == Steps)
                PerStep = (Current() - _first) / (Steps - FirstMeasured);
        }
    }
}
