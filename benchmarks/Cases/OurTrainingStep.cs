using Derm7pt.MLNet.Network;
using Derm7pt.MLNet.Sampling;
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
    private readonly AugmentationOptions _augmentation = new();
    private readonly int[] _all;

    /// <param name="shape">The sizes of the network.</param>
    /// <param name="cases">What is trained on.</param>
    public OurTrainingStep(NetworkShape shape, TrainingCases cases)
    {
        _cases = cases;
        _all = [.. Enumerable.Range(0, cases.Count)];
        Network = new GatedMultiTaskNetwork(shape, StepSettings.Seed);
        Network.to(cases.Device);
        Network.train();
        _optimizer = new NetworkOptimizer(Network, new TrainingSettings
        {
            BatchesPerEpoch = 1,
            MaximumEpochs = 1,
            Patience = 1,
            EarlyStoppingMetric = EarlyStoppingMetric.ValidationLoss,
            LearningRate = StepSettings.LearningRate,
            GateLearningRate = StepSettings.GateLearningRate,
            FocusingParameter = StepSettings.Focusing,
            L2Regularization = StepSettings.L2Regularization,
            GateL1Regularization = 0,
            Augmentation = _augmentation,
            Seed = StepSettings.Seed,
        });
    }

    public GatedMultiTaskNetwork Network { get; }

    public Device Device => _cases.Device;

    /// <summary>The mini-batch before it is augmented.</summary>
    public Tensor Images() => Batches.Images(_cases.Images, _all, _cases.Device);

    public Tensor Augment(Tensor images, int round) =>
        Augmentation.Apply(images, _augmentation, AugmentationMaps.Random(round));

    public override Tensor Batch(int round) => Augment(Images(), round);

    public override IReadOnlyList<Tensor> Forward(Tensor pixels) => Network.Forward(pixels, _dropout).Logits;

    public override Tensor Loss(IReadOnlyList<Tensor> logits) => new SumOfLosses().Combine(
    [
        .. logits.Select((values, task) =>
            FocalLoss.Mean(values, _cases.Labels[task], _cases.Weights[task], _cases.Count, StepSettings.Focusing)),
    ]);

    public override void Update(Tensor loss) => _optimizer.Step(loss);

    public override void Dispose()
    {
        _optimizer.Dispose();
        _dropout.Dispose();
        Network.Dispose();
    }
}

/// <summary>The random maps of a round's augmentation.</summary>
internal static class AugmentationMaps
{
    public static Random Random(int round) =>
        SeedSequence.Random(StepSettings.Seed, SeedSequence.Purpose.Augmentation, epoch: 0, round);

    /// <summary>For each case the 2 × 3 matrix from coordinates of the result to those of the source.</summary>
    public static IEnumerable<float[]> Draw(TrainingCases cases, int round)
    {
        Random random = Random(round);
        var options = new AugmentationOptions();
        for (int i = 0; i < cases.Count; i++)
        {
            var map = new float[6];
            Augmentation.DrawMap(options, random, (double)cases.Images.Width / cases.Images.Height, map);
            yield return map;
        }
    }
}
