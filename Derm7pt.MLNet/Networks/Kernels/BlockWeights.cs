namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>A convolution of all groups as <see cref="TapKernels"/> compute it: its taps and its packed weights.</summary>
internal sealed record TapConvolution(nint[] Taps, PackedWeights Weights) : IDisposable
{
    public void Dispose() => Weights.Dispose();
}

/// <summary>The convolutions of a block and, where there is a gradient to be passed on, those of the backward pass.</summary>
internal sealed unsafe class BlockWeights : IDisposable
{
    public BlockWeights(BlockGeometry geometry, float* mix, float* kernel, bool wayBack)
    {
        Kernel = new TapConvolution(geometry.KernelTaps(), new PackedWeights(geometry.KernelOrder, kernel));
        if (!geometry.Mixes)
            return;
        Mix = new TapConvolution(geometry.MixTaps(), new PackedWeights(geometry.MixOrder, mix));
        if (!wayBack)
            return;
        KernelGradient = new TapConvolution(geometry.KernelGradientTaps(), new PackedWeights(geometry.KernelGradientOrder, kernel));
        MixGradient = new TapConvolution(geometry.MixGradientTaps(), new PackedWeights(geometry.MixGradientOrder, mix));
    }

    /// <summary>The k×k convolution.</summary>
    public TapConvolution Kernel { get; }

    /// <summary>The 1×1 convolution before it; null in the first block.</summary>
    public TapConvolution? Mix { get; }

    /// <summary>From the gradient of the k×k convolution's output to that of its input.</summary>
    public TapConvolution? KernelGradient { get; }

    /// <summary>From the gradient of the 1×1 convolution's output to that of its input.</summary>
    public TapConvolution? MixGradient { get; }

    public void Dispose()
    {
        Kernel.Dispose();
        Mix?.Dispose();
        KernelGradient?.Dispose();
        MixGradient?.Dispose();
    }
}

/// <summary>Sums of the gradients of a block's weights.</summary>
internal sealed class BlockGradients(BlockGeometry geometry) : IDisposable
{
    public PackedWeights Kernel { get; } = new(geometry.KernelOrder);

    public PackedWeights? Mix { get; } = geometry.Mixes ? new PackedWeights(geometry.MixOrder) : null;

    public void Add(BlockGradients other)
    {
        Kernel.Add(other.Kernel);
        Mix?.Add(other.Mix!);
    }

    public void Dispose()
    {
        Kernel.Dispose();
        Mix?.Dispose();
    }
}
