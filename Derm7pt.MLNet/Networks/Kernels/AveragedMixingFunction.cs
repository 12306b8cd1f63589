using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>Makes <see cref="AveragedMixingKernel"/> a differentiable function of torch, on the processor in single precision.</summary>
internal sealed unsafe class AveragedMixingFunction : autograd.SingleTensorFunction<AveragedMixingFunction>
{
    public override string Name => nameof(AveragedMixingFunction);

    /// <summary>Determines whether the kernel is to compute with these features, rather than torch's operators.</summary>
    public static bool Supports(Tensor features) => BlockFunction.Supports(features, mixes: true);

    /// <summary>The averages of ReLU of a 1×1 convolution over the positions of each image.</summary>
    /// <param name="features">[N, channels, h, w]</param>
    /// <param name="mix">[T, M, channels + 1], the last one the bias.</param>
    /// <returns>[N, T·M]</returns>
    public static Tensor Apply(Tensor features, Tensor mix) =>
        is_grad_enabled() && (features.requires_grad || mix.requires_grad)
            ? apply(features, mix)
            : Forward(features, mix, out _, keepPositive: false);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (features, mix) = ((Tensor)vars[0], (Tensor)vars[1]);
        Tensor averages = Forward(features, mix, out Tensor? positive, keepPositive: true);
        ctx.save_for_backward([features, mix, positive!]);
        return averages;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        (Tensor features, Tensor mix, Tensor positive) = (saved[0], saved[1], saved[2]);
        using Tensor gradient = grad_output.contiguous();
        Tensor featureGradient = StepMemory.Empty(features.shape, float32), mixGradient = empty_like(mix);
        AveragedMixingKernel.Backward(
            Geometry(features, mix), (int)features.shape[0], TensorMemory.Values(features), TensorMemory.Values(mix),
            TensorMemory.Values(gradient), TensorMemory.Bytes(positive), TensorMemory.Values(featureGradient),
            TensorMemory.Values(mixGradient), SerialTorch.KernelThreads);
        GC.KeepAlive(saved);
        return [featureGradient, mixGradient];
    }

    private static Tensor Forward(Tensor features, Tensor mix, out Tensor? positive, bool keepPositive)
    {
        AveragedMixingGeometry geometry = Geometry(features, mix);
        long count = features.shape[0];
        Tensor averages = empty([count, geometry.AllChannels], float32);
        positive = keepPositive ? StepMemory.Empty([count, geometry.AllChannels, geometry.Positions], uint8) : null;
        AveragedMixingKernel.Forward(
            geometry, (int)count, TensorMemory.Values(features), TensorMemory.Values(mix), TensorMemory.Values(averages),
            positive is null ? null : TensorMemory.Bytes(positive), SerialTorch.KernelThreads);
        // The kernel has only addresses, which do not keep these tensors from being collected.
        GC.KeepAlive(features);
        GC.KeepAlive(mix);
        return averages;
    }

    private static AveragedMixingGeometry Geometry(Tensor features, Tensor mix) => new(
        (int)mix.shape[0], (int)features.shape[1], (int)mix.shape[1], checked((int)(features.shape[2] * features.shape[3])));
}
