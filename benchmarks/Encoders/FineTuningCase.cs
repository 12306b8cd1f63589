using System.Globalization;
using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Benchmarks.Children;
using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Benchmarks.Python;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Benchmarks.Encoders;

/// <summary>Compares a step that trains the whole pretrained network with the same network in PyTorch: time, and peak memory.</summary>
internal static class FineTuningCase
{
    private const double SpeedTarget = 1, Megabyte = 1e6;

    private const string Script = "pretrained_network.py";

    // Enough for the memory to reach its peak.
    private const int StepsOfPeak = 3;

    public static void Measure(BenchmarkContext context)
    {
        if (!context.IsCpu)
        {
            context.Skip("the script measures on the processor");
            return;
        }

        if (PyTorchCase.FindPython(context) is not { } python)
            return;
        BenchmarkSettings settings = context.Settings;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("derm7pt-handover-");
        try
        {
            EncoderHandover.Write(folder.FullName, settings.EncoderExtent);
            string size = Invariant($"batch {settings.EncoderBatch}, {settings.EncoderExtent} px");
            MeasureTime(context, python, folder.FullName, size);
            MeasurePeak(context, python, folder.FullName, size);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void MeasureTime(BenchmarkContext context, string python, string folder, string size)
    {
        using var pyTorch = new PyTorchProcess(python, Script, Arguments(context, folder));
        (NetworkSpec spec, EncoderFile file) = EncoderNetwork.Load();
        using var cases = new TrainingCases(spec, context.Settings.EncoderBatch, context.Settings.EncoderExtent, context.Device);
        using OurTrainingStep ours = EncoderNetwork.CreateStep(cases, spec, file);
        PairedValues times = context.Compare(() => Clock.Seconds(() => ours.Run(cases.Pixels)), pyTorch.Step);
        context.Add(Row.Of($"fine-tuning step, ResNet-18, {size}", "s", Baseline(pyTorch), times, RatioKind.BaselineToOurs) with
        {
            Target = context.Goal(Target.AtLeast(SpeedTarget)),
            LargestDifference = pyTorch.About.LargestDifference,
        });
    }

    private static void MeasurePeak(BenchmarkContext context, string python, string folder, string size)
    {
        string baseline = "";
        PairedValues peaks = context.Compare(OurPeak, PyTorchPeak, rounds: 1, warmUps: 0);
        context.Add(Row.Of($"peak memory of fine-tuning, ResNet-18, {size}", "MB", baseline, peaks, RatioKind.OursToBaseline));

        double OurPeak() => ChildProcess.Run(new ChildTask(
            ChildWork.FineTuningSteps, context.Settings.EncoderBatch, Width: 1, context.Settings.EncoderExtent, StepsOfPeak,
            context.Settings.Device)).PeakBytes / Megabyte;

        double PyTorchPeak()
        {
            using var pyTorch = new PyTorchProcess(python, Script, Arguments(context, folder));
            baseline = Baseline(pyTorch);
            for (int step = 0; step < StepsOfPeak; step++)
                pyTorch.Step();
            return pyTorch.Peak() / Megabyte;
        }
    }

    private static string Baseline(PyTorchProcess pyTorch) => Invariant($"PyTorch {pyTorch.About.Torch} eager, {pyTorch.About.Threads} threads");

    private static string[] Arguments(BenchmarkContext context, string folder)
    {
        string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
        return
        [
            "--parity", folder, "--batch", Text(context.Settings.EncoderBatch), "--extent", Text(context.Settings.EncoderExtent),
            "--threads", Text(Environment.ProcessorCount),
        ];
    }
}
