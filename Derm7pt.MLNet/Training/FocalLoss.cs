using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Training;

/// <summary>
/// Focal cross-entropy −(1 − p)^γ · log p with p the softmax probability of the true label
/// (Lin et al., Focal Loss for Dense Object Detection, ICCV 2017).
/// </summary>
internal static class FocalLoss
{
    /// <param name="logits">[N, labels]</param>
    /// <param name="labels">[N], zero-based; any valid label where the weight is 0.</param>
    /// <param name="weights">[N]; 0 for a case whose label is missing.</param>
    /// <param name="labelled">The number of cases whose label is known: what the sum is divided by.</param>
    /// <param name="focusing">The focusing parameter γ; 0 is plain cross-entropy.</param>
    /// <returns>A scalar; 0 where no case is labelled.</returns>
    public static Tensor Mean(Tensor logits, Tensor labels, Tensor weights, int labelled, double focusing)
    {
        Tensor logP = F.log_softmax(logits, 1).gather(1, labels.unsqueeze(1)).squeeze(1);
        Tensor loss = -logP;
        // −expm1(log p) = 1 − p without the cancellation that 1 − exp(log p) has near p = 1.
        if (focusing != 0)
            loss = loss * (-logP.expm1()).pow(focusing);
        return (loss * weights).sum() / Math.Max(1, labelled);
    }
}
