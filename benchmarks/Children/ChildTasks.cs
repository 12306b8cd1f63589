using System.Diagnostics;
using Derm7pt.MLNet.Benchmarks.Baselines;
using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Training;
using Microsoft.ML;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Benchmarks.Children;

/// <summary>The tasks of a child process.</summary>
internal static class ChildTasks
{
    // The mini-batch of growing trainings.
    private const int BatchSize = 48;

    // However many cases there are, their pixels take the same memory: it is the library's that is measured.
    private const int DistinctImages = 16;

    public static ChildResult Do(ChildTask task)
    {
        RoundTimes measured = task.Work switch
        {
            ChildWork.Nothing => Nothing(),
            ChildWork.OurSteps or ChildWork.LiteralSteps or ChildWork.OurStepsFromCache or ChildWork.LiteralStepsFromCache => Steps(task),
            ChildWork.Training => Train(task),
            ChildWork.Scoring => Score(task),
            _ => throw new ArgumentOutOfRangeException(nameof(task), task.Work, "There is no such work."),
        };
        using Process self = Process.GetCurrentProcess();
        return new ChildResult(measured, self.PeakWorkingSet64);
    }

    private static RoundTimes Nothing()
    {
        using Tensor one = ones(1);
        return RoundTimes.None;
    }

    private static RoundTimes Steps(ChildTask task)
    {
        NetworkSpec shape = Shapes.OfWidth(task.Width);
        using var cases = new TrainingCases(shape, task.Cases, task.Extent, Devices.Resolve(task.Device));
        using var ours = new OurTrainingStep(shape, cases);
        using LiteralTrainingStep? literal =
            task.Work is ChildWork.LiteralSteps or ChildWork.LiteralStepsFromCache ? new LiteralTrainingStep(ours.Network, cases) : null;
        TrainingStep step = literal is null ? ours : literal;
        int round = 0;
        return task.Work is ChildWork.OurStepsFromCache or ChildWork.LiteralStepsFromCache
            ? Repeat(task, () => step.Run(round++))
            : Repeat(task, () => step.Run(cases.Pixels));
    }

    private static RoundTimes Train(ChildTask task)
    {
        int batch = Math.Min(BatchSize, task.Cases);
        IDataView Data(int count) => DrawnPixels.View(count, task.Extent, DistinctImages);
        void Fit(IDataView data, int batches) => new MLContext().Transforms.Derm7ptMultiTask(new Derm7ptMultiTaskEstimator.Options
        {
            Network = new NetworkOptions { WidthMultiplier = task.Width },
            Training = new TrainingOptions
            {
                BatchSize = batch,
                BatchesPerEpoch = batches,
                MaximumEpochs = 1,
                ValidationFraction = 0,
            },
            Data = new DataOptions { ImageColumnName = ColumnNames.Pixels },
            Runtime = new RuntimeOptions { Device = task.Device },
        }).Fit(data).Dispose();

        Fit(Data(batch), batches: 1);
        IDataView all = Data(task.Cases);
        return Repeat(task, () => Fit(all, task.Cases / batch));
    }

    private static RoundTimes Score(ChildTask task)
    {
        IDataView pixels = DrawnPixels.View(task.Cases, task.Extent, DistinctImages);
        using Derm7ptMultiTaskTransformer model = new MLContext().Model.LoadDerm7ptMultiTask(task.Model!);
        IDataView scored = model.Transform(pixels);
        Drain.All(scored, ScoringModel.Columns);
        return Repeat(task, () => Drain.All(scored, ScoringModel.Columns));
    }

    private static RoundTimes Repeat(ChildTask task, Action round) => RoundTimes.Of(task.Rounds, task.WarmUps, round);
}
