using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>Makes <see cref="BlockKernel"/> a differentiable function of torch, on the processor in single precision.</summary>
internal sealed unsafe class BlockFunction : autograd.SingleTensorFunction<BlockFunction>
{
    private const string Groups = "groups", Stride = "stride";

    public override string Name => nameof(BlockFunction);

    /// <summary>Determines whether the kernel is to compute with this input, rather than torch's operators.</summary>
    /// <remarks>
    /// It is written in vectors of 8 numbers: AVX2 on x64. On a processor without them it computes in pieces, which takes some 2.5 times as
    /// long, but needs no memory for unfolded convolutions and gives the same results for every number of threads.
    /// </remarks>
    public static bool Supports(Tensor input, bool mixes) =>
        input.device.type == TorchSharp.DeviceType.CPU && input.dtype == float32 && (mixes || !input.requires_grad);

    /// <summary>Computes a block; see <see cref="BlockKernel"/>.</summary>
    /// <param name="input">[N, channels, h, w]</param>
    /// <param name="mix">[T, M, channels + 1], the last one the bias; null in the first block.</param>
    /// <param name="kernel">[T·C, M, k, k], or [T·C, channels, k, k] in the first block.</param>
    /// <param name="groups">T, or 1 in the first block.</param>
    /// <param name="stride">The convolution's step.</param>
    /// <returns>[N, T·C, h', w']</returns>
    public static Tensor Apply(Tensor input, Tensor? mix, Tensor kernel, int groups, int stride)
    {
        if (is_grad_enabled() && (input.requires_grad || kernel.requires_grad || mix is { requires_grad: true }))
            return mix is null ? apply(input, kernel, groups, stride) : apply(input, kernel, groups, stride, mix);
        return Forward(input, mix, kernel, groups, stride, out _, keepPlaces: false);
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (input, kernel, groups, stride) = ((Tensor)vars[0], (Tensor)vars[1], (int)vars[2], (int)vars[3]);
        Tensor? mix = vars.Length > 4 ? (Tensor)vars[4] : null;
        Tensor pooled = Forward(input, mix, kernel, groups, stride, out Tensor? places, keepPlaces: true);
        ctx.save_data(Groups, groups);
        ctx.save_data(Stride, stride);
        ctx.save_for_backward(mix is null ? [input, kernel, places!] : [input, kernel, places!, mix]);
        return pooled;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        (Tensor input, Tensor kernel, Tensor places) = (saved[0], saved[1], saved[2]);
        Tensor? mix = saved.Count > 3 ? saved[3] : null;
        BlockGeometry geometry = Geometry(input, mix, kernel, (int)ctx.get_data(Groups), (int)ctx.get_data(Stride));
        using Tensor gradient = grad_output.contiguous();
        Tensor kernelGradient = empty_like(kernel);
        Tensor? mixGradient = mix is null ? null : empty_like(mix), inputGradient = mix is null ? null : StepMemory.Empty(input.shape, float32);
        BlockKernel.Backward(
            geometry, (int)input.shape[0], Values(input), Values(mix), Values(kernel), Values(gradient), TensorMemory.Bytes(places),
            Values(inputGradient), Values(mixGradient), Values(kernelGradient), SerialTorch.KernelThreads);
        StepMemory.Release(gradient);
        GC.KeepAlive(saved);
        return mix is null ? [null!, kernelGradient, null!, null!] : [inputGradient!, kernelGradient, null!, null!, mixGradient!];
    }

    private static Tensor Forward(Tensor input, Tensor? mix, Tensor kernel, int groups, int stride, out Tensor? places, bool keepPlaces)
    {
        BlockGeometry geometry = Geometry(input, mix, kernel, groups, stride);
        long[] shape = [input.shape[0], kernel.shape[0], geometry.PooledHeight, geometry.PooledWidth];
        Tensor pooled = StepMemory.Empty(shape, float32);
        places = keepPlaces ? StepMemory.Empty(shape, uint8) : null;
        BlockKernel.Forward(
            geometry, (int)input.shape[0], Values(input), Values(mix), Values(kernel), Values(pooled),
            places is null ? null : TensorMemory.Bytes(places), SerialTorch.KernelThreads);
        // The kernel has only addresses, which do not keep these tensors from being collected.
        GC.KeepAlive(input);
        GC.KeepAlive(mix);
        GC.KeepAlive(kernel);
        return pooled;
    }

    private static BlockGeometry Geometry(Tensor input, Tensor? mix, Tensor kernel, int groups, int stride) => new(
        groups, (int)input.shape[1], mix is null ? 0 : (int)mix.shape[1], (int)kernel.shape[0] / groups, (int)kernel.shape[2], stride,
        (int)input.shape[2], (int)input.shape[3]);

    private static float* Values(Tensor? tensor) => tensor is null ? null : TensorMemory.Values(tensor);
}
