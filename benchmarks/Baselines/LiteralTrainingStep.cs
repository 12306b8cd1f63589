using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Benchmarks.Baselines;

/// <summary>
/// A literal implementation of the paper's training step: the literal network, the loss as in the formula, and torch's Adam.
/// </summary>
internal sealed class LiteralTrainingStep : TrainingStep
{
    private readonly LiteralNetwork _network;
    private readonly Adam _adam;
    private readonly TrainingCases _cases;

    /// <param name="network">The library's network, whose weights are taken.</param>
    /// <param name="cases">What is trained on.</param>
    public LiteralTrainingStep(TorchNetwork network, TrainingCases cases)
    {
        _cases = cases;
        _network = new LiteralNetwork(network.Spec).CopyFrom(network);
        _network.to(cases.Device);
        _network.train();
        Parameter[] weights = [.. _network.Weights];
        _adam = new Adam(
            new Adam.ParamGroup[]
            {
                new(weights.Where(IsKernel), StepSettings.LearningRate, weight_decay: StepSettings.L2Regularization),
                new(weights.Where(weight => !IsKernel(weight)), StepSettings.LearningRate),
                new(_network.GateParameters, StepSettings.GateLearningRate),
            },
            StepSettings.LearningRate);
    }

    public LiteralNetwork Network => _network;

    public override Tensor Batch(int round)
    {
        Tensor images = stack(Enumerable.Range(0, _cases.Count).Select(Image).ToArray()).to(_cases.Device);
        Tensor maps = tensor(AugmentationMaps.Draw(_cases, round), [_cases.Count, 2, 3], device: _cases.Device);
        Tensor grid = F.affine_grid(maps, images.shape, align_corners: false);
        return F.grid_sample(images, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Border, align_corners: false);
    }

    public override IReadOnlyList<Tensor> Forward(Tensor pixels) => _network.forward(pixels);

    public override Tensor Loss(IReadOnlyList<Tensor> logits)
    {
        Tensor sum = zeros(1, device: _cases.Device);
        for (int task = 0; task < logits.Count; task++)
        {
            Tensor p = F.softmax(logits[task], 1).gather(1, _cases.Labels[task].unsqueeze(1)).squeeze(1);
            sum += (_cases.Weights[task] * (1 - p).pow(StepSettings.Focusing) * -p.log()).mean();
        }

        return sum;
    }

    public override void Update(Tensor loss)
    {
        _adam.zero_grad();
        loss.backward();
        _adam.step();
    }

    public override void Dispose()
    {
        _adam.Dispose();
        _network.Dispose();
    }

    private static bool IsKernel(Parameter parameter) => parameter.dim() > 1;

    private Tensor Image(int index) =>
        tensor(_cases.Images[index].ToArray(), [3, _cases.Images.Height, _cases.Images.Width]).to(float32) / 255;
}
