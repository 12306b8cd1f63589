using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>
/// Makes <see cref="NormalizationKernel"/> a differentiable function of torch: batch normalization while training, without
/// learned scale or shift, on the processor in single precision.
/// </summary>
internal sealed unsafe class NormalizationFunction : autograd.SingleTensorFunction<NormalizationFunction>
{
    public override string Name => nameof(NormalizationFunction);

    /// <summary>Determines whether the kernel is to compute with these features, rather than torch's operator.</summary>
    /// <remarks>A single value per channel has no variance; torch then throws an exception.</remarks>
    public static bool Supports(Tensor features) =>
        features.device.type == TorchSharp.DeviceType.CPU && features.dtype == float32
        && features.shape[0] * features.shape[2] * features.shape[3] > 1;

    /// <summary>Normalizes every channel, and moves the running statistics.</summary>
    /// <param name="features">[N, channels, h, w]</param>
    /// <param name="runningMean">[channels], changed.</param>
    /// <param name="runningVariance">[channels], changed; of the unbiased variance.</param>
    /// <param name="momentum">The share of the new value in a running one.</param>
    /// <param name="epsilon">ε, which is added to the variance.</param>
    /// <returns>[N, channels, h, w]</returns>
    public static Tensor Apply(Tensor features, Tensor runningMean, Tensor runningVariance, double momentum, double epsilon) =>
        apply(features.contiguous(), runningMean, runningVariance, momentum, epsilon);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (features, runningMean, runningVariance) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2]);
        Tensor normalized = StepMemory.Empty(features.shape, float32);
        Tensor statistics = empty([2, features.shape[1]], float32);
        NormalizationKernel.Forward(
            Sizes(features), TensorMemory.Values(features), TensorMemory.Values(normalized), TensorMemory.Values(statistics),
            TensorMemory.Values(runningMean), TensorMemory.Values(runningVariance), (double)vars[3], (double)vars[4],
            SerialTorch.KernelThreads);
        ctx.save_for_backward([features, statistics]);
        // The kernel has only addresses, which do not keep these tensors from being collected.
        GC.KeepAlive(vars);
        return normalized;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        using Tensor gradient = grad_output.contiguous();
        Tensor result = StepMemory.Empty(saved[0].shape, float32);
        NormalizationKernel.Backward(
            Sizes(saved[0]), TensorMemory.Values(saved[0]), TensorMemory.Values(saved[1]), TensorMemory.Values(gradient),
            TensorMemory.Values(result), SerialTorch.KernelThreads);
        StepMemory.Release(gradient);
        GC.KeepAlive(saved);
        return [result, null!, null!, null!, null!];
    }

    private static PlaneSizes Sizes(Tensor features) =>
        new((int)features.shape[0], (int)features.shape[1], checked((int)(features.shape[2] * features.shape[3])));
}
