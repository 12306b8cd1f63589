using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Network;

/// <summary>
/// How the tasks use each other's features after a block: normalization, then a linear map of channels.
/// </summary>
/// <remarks>
/// What follows is always a 1×1 convolution, so a linear map of channels never has to be applied to the features: it is
/// folded into that convolution's kernel. Gates, cross-stitch units, NDDR layers and a shared trunk are all such maps.
/// </remarks>
internal abstract class FeatureSharing(string name) : nn.Module(name)
{
    /// <summary>Normalizes the concatenated features of all tasks, [N, T·C, h, w].</summary>
    public abstract Tensor Normalize(Tensor features);

    /// <summary>Folds the sharing into the kernels that read the features.</summary>
    /// <param name="kernels">[T, M, T·C]: row block t belongs to task t.</param>
    /// <returns>[T, M, T·C]</returns>
    public abstract Tensor Fold(Tensor kernels);

    /// <summary>What each task takes of each channel, [T, T·C], differentiable.</summary>
    public abstract Tensor Alphas();

    /// <summary>Per-channel running mean and variance of <see cref="Normalize"/>.</summary>
    public abstract (Tensor Mean, Tensor Variance) RunningStatistics { get; }
}

/// <summary>
/// The gate block: batch normalization without learned scale or shift, then for every task t a channel-wise gate
/// α_t = 1 / (1 + exp(−γ·a_t)) in (0, 1)^(T·C). A task's own channels are always open (α = 1).
/// </summary>
internal sealed class GateBlock : FeatureSharing
{
    // 1 − 0.9: torch's momentum weighs the new value, the paper's the old one.
    private const double RunningAverageMomentum = 0.1;

    /// <summary>ε, under the root beside the variance.</summary>
    public const double Epsilon = 1e-5;

    private readonly BatchNorm2d norm;
    private readonly Parameter? a;
    private const string OwnBuffer = "own";
    private readonly double _steepness;

    public GateBlock(int taskCount, int channels, GateMode mode, double steepness)
        : base(nameof(GateBlock))
    {
        _steepness = steepness;
        norm = nn.BatchNorm2d(taskCount * channels, eps: Epsilon, momentum: RunningAverageMomentum, affine: false);
        if (mode == GateMode.Learned)
            a = nn.Parameter(zeros(taskCount, taskCount * channels));
        RegisterComponents();
        // The mask follows the module to its device but is no state: it is the same in every network.
        register_buffer(OwnBuffer, OwnChannels(taskCount, channels), persistent: false);
    }

    public override (Tensor Mean, Tensor Variance) RunningStatistics => (norm.running_mean!, norm.running_var!);

    public override Tensor Normalize(Tensor features) => norm.forward(features);

    // The own entries are a constant 1, not a parameter with a = 100: the same value in single precision,
    // and no gradient can reach them.
    public override Tensor Alphas() => a is null ? Own.alias() : Own + ((1 - Own) * sigmoid(a * _steepness));

    public override Tensor Fold(Tensor kernels) => kernels * Alphas().unsqueeze(1);

    protected override void Dispose(bool disposing)
    {
        // A module frees its parameters and its persistent buffers, but not this one.
        if (disposing)
            get_buffer(OwnBuffer)?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>[T, T·C]: 1 where a channel is the task's own.</summary>
    private Tensor Own => get_buffer(OwnBuffer)!;

    private static Tensor OwnChannels(int taskCount, int channels)
    {
        var mask = new float[taskCount * taskCount * channels];
        for (int task = 0; task < taskCount; task++)
            Array.Fill(mask, 1, ((task * taskCount) + task) * channels, channels);
        return tensor(mask, [taskCount, taskCount * channels]);
    }
}
