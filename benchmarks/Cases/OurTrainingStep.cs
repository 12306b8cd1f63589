using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>The library's training step, from the same parts that its training loop is made of.</summary>
internal sealed class OurTrainingStep : TrainingStep
{
    private readonly TrainingCases _cases;
    private readonly NetworkOptimizer _optimizer;
    private readonly Generator _dropout = new(StepSettings.Seed);
    private readonly StepMemory _memory = new();
    private readonly int[] _all;

    /// <param name="shape">The sizes of the network.</param>
    /// <param name="cases">What is trained on.</param>
    /// <param name="options">The rates of the optimizer; those of the paper if null.</param>
    public OurTrainingStep(NetworkSpec shape, TrainingCases cases, TrainingOptions? options = null)
    {
        _cases = cases;
        _all = [.. Enumerable.Range(0, cases.Count)];
        Network = new TorchNetwork(shape, StepSettings.Seed, cases.Device) { IsTraining = true, DropoutGenerator = _dropout };
        _optimizer = new NetworkOptimizer(Network, options ?? new TrainingOptions
        {
            LearningRate = StepSettings.LearningRate,
            GateLearningRate = StepSettings.GateLearningRate,
            L2Regularization = StepSettings.L2Regularization,
        });
    }

    public TorchNetwork Network { get; }

    public Device Device => _cases.Device;

    public override Tensor Batch(int round) =>
        Batches.Images(_cases.Images, _all, _cases.Device, AugmentationMaps.Draw(_cases, round));

    public override IReadOnlyList<Tensor> Forward(Tensor pixels) => Network.Forward(pixels).Logits;

    public override Tensor Loss(IReadOnlyList<Tensor> logits) => new SumOfLosses().Combine(
    [
        .. logits.Select((values, task) =>
            FocalLoss.Mean(values, _cases.Labels[task], _cases.Weights[task], _cases.Count, StepSettings.Focusing)),
    ]);

    public override void Update(Tensor loss)
    {
        _optimizer.ClearGradients();
        loss.backward();
        _optimizer.Step();
    }

    public override IDisposable Begin() => new Scope(this);

    public override void Dispose()
    {
        _memory.Dispose();
        _optimizer.Dispose();
        _dropout.Dispose();
        Network.Dispose();
    }

    // As in the training loop; the literal network's steps beside it have all of torch's threads.
    private sealed class Scope(OurTrainingStep step) : IDisposable
    {
        private readonly SerialTorch? _serial = SerialTorch.Begin(step.Device, step.Network.Spec.Encoder.NeedsTorchThreads);
        private readonly IDisposable _memory = step._memory.BeginStep();
        private readonly DisposeScope _tensors = NewDisposeScope();

        public void Dispose()
        {
            _tensors.Dispose();
            _memory.Dispose();
            _serial?.Dispose();
        }
    }
}

/// <summary>The random maps of a round's augmentation.</summary>
internal static class AugmentationMaps
{
    /// <returns>For each case the 2 × 3 matrix from coordinates of the result to those of the source.</returns>
    public static float[] Draw(TrainingCases cases, int round) => Augmentation.DrawMaps(
        cases.Count, new AugmentationOptions(),
        SeedSequence.Random(StepSettings.Seed, SeedSequence.Purpose.Augmentation, epoch: 0, round),
        (double)cases.Images.Width / cases.Images.Height);
}
