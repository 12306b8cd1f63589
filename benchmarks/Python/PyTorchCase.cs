using System.Globalization;
using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Networks;
using Microsoft.ML;

namespace Derm7pt.MLNet.Benchmarks.Python;

/// <summary>Compares the library with the literal network in PyTorch, eager and compiled, alternately across processes.</summary>
internal static class PyTorchCase
{
    private static readonly string[] UsualNames = ["python3", "python"];

    public static void Measure(BenchmarkContext context)
    {
        string[] candidates = context.Settings.Python is { } given ? [given] : UsualNames;
        if (PyTorchProcess.Find(candidates) is not { } python)
        {
            context.Skip($"{string.Join(" and ", candidates)} cannot import torch; --python names a Python that can");
            return;
        }

        BenchmarkSettings settings = context.Settings;
        string handover = Path.GetTempFileName();
        try
        {
            Handover.Write(handover, width: 1, settings.Extent);
            Compare(context, python, handover, width: 1, settings.Batch, isCompiled: false);
            Compare(context, python, handover, width: 1, settings.Batch, isCompiled: true);
            Handover.Write(handover, settings.WideWidth, settings.Extent);
            Compare(context, python, handover, settings.WideWidth, settings.WideBatch, isCompiled: false);
            Compare(context, python, handover, settings.WideWidth, settings.WideBatch, isCompiled: true);
        }
        finally
        {
            File.Delete(handover);
        }
    }

    private static void Compare(BenchmarkContext context, string python, string handover, int width, int batch, bool isCompiled)
    {
        try
        {
            using var pyTorch = new PyTorchProcess(python, Arguments(context.Settings, handover, width, batch, isCompiled));
            PyTorchInfo about = pyTorch.About;
            string baseline = $"PyTorch {about.Torch} {(isCompiled ? "compiled" : "eager")}, {(context.IsCpu ? $"{about.Threads} threads" : about.Device)}";
            MeasureStep(context, pyTorch, baseline, width, batch);
            // The library scores on the processor wherever it is trained.
            if (context.IsCpu)
                MeasureScoring(context, pyTorch, baseline, width, batch);
        }
        catch (InvalidOperationException e)
        {
            context.Skip($"{(isCompiled ? "compiled" : "eager")}, width {width}: {e.Message}");
        }
    }

    private static void MeasureStep(BenchmarkContext context, PyTorchProcess pyTorch, string baseline, int width, int batch)
    {
        NetworkSpec shape = Shapes.OfWidth(width);
        using var cases = new TrainingCases(shape, batch, context.Settings.Extent, context.Device);
        using var ours = new OurTrainingStep(shape, cases);
        PairedValues times = context.Compare(() => Clock.Seconds(() => ours.Run(cases.Pixels)), pyTorch.Step);
        context.Add(Row.Of(
            $"training step, width {width}, batch {batch}, {context.Settings.Extent} px", "s", baseline, times, RatioKind.BaselineToOurs) with
        {
            LargestDifference = pyTorch.About.LargestDifference,
        });
    }

    private static void MeasureScoring(BenchmarkContext context, PyTorchProcess pyTorch, string baseline, int width, int batch)
    {
        int extent = context.Settings.Extent;
        IDataView pixels = DrawnPixels.View(batch, extent);
        using Derm7ptMultiTaskTransformer model = ScoringModel.Create(Shapes.OfWidth(width), extent, pixels.Schema, ColumnNames.Pixels);
        IDataView scored = model.Transform(pixels);
        PairedValues times = context.Compare(() => Clock.Seconds(() => Drain.All(scored, ScoringModel.Columns)), pyTorch.Score);
        context.Add(Row.Of($"scoring, width {width}, {batch} images, {extent} px", "s", baseline, times, RatioKind.BaselineToOurs) with
        {
            LargestDifference = pyTorch.About.LargestDifference,
        });
    }

    private static IEnumerable<string> Arguments(BenchmarkSettings settings, string handover, int width, int batch, bool isCompiled)
    {
        string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
        return
        [
            "--device", settings.Device == ComputeDevice.Cpu ? "cpu" : "cuda",
            "--threads", Text(Environment.ProcessorCount),
            "--width", Text(width), "--batch", Text(batch), "--extent", Text(settings.Extent),
            "--parity", handover,
            .. isCompiled ? new[] { "--compile" } : [],
        ];
    }
}
