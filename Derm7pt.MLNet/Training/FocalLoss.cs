using Derm7pt.MLNet.Networks.Kernels;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Training;

/// <summary>
/// Focal cross-entropy −(1 − p)^γ · log p with p the softmax probability of the true label
/// (Lin et al., Focal Loss for Dense Object Detection, ICCV 2017). With label smoothing (Szegedy et al., CVPR 2016) it is
/// Σ over all labels k of q(k) · −(1 − p(k))^γ · log p(k), where q gives the share ε to all labels alike and the rest to the true one.
/// </summary>
internal static class FocalLoss
{
    /// <param name="logits">[N, labels]</param>
    /// <param name="labels">[N], zero-based; any valid label where the weight is 0.</param>
    /// <param name="weights">[N]; 0 for a case whose label is missing.</param>
    /// <param name="labelled">The number of cases whose label is known: what the sum is divided by.</param>
    /// <param name="focusing">The focusing parameter γ; 0 is plain cross-entropy.</param>
    /// <param name="smoothing">The share ε of the smoothing, in [0, 1).</param>
    /// <returns>A scalar; 0 if no case is labeled.</returns>
    public static Tensor Mean(Tensor logits, Tensor labels, Tensor weights, int labelled, double focusing, double smoothing = 0)
    {
        Tensor logP = F.log_softmax(logits, 1);
        Tensor loss = Focused(logP.gather(1, labels.unsqueeze(1)).squeeze(1), focusing);
        if (smoothing != 0)
            loss = loss.Times(1 - smoothing).Plus(Focused(logP, focusing).mean([1]).Times(smoothing));
        return (loss * weights).sum().DividedBy(Math.Max(1, labelled));
    }

    private static Tensor Focused(Tensor logP, double focusing) =>
        // −expm1(log p) = 1 − p without the cancellation that 1 − exp(log p) has near p = 1.
        focusing == 0 ? -logP : -logP * (-logP.expm1()).Power(focusing);
}
