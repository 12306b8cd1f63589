using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>Computes all convolutions of the library in torch.</summary>
/// <remarks>
/// On the processor, in single precision, convolutions of few channels and 1×1 convolutions are matrix products. The convolutions of
/// libtorch 2.10 give wrong gradients of their input at random there: with few channels on processors with AVX-512, some of them not
/// numbers. And where oneDNN does not take a convolution, libtorch looks for NNPACK, and on processors without it writes a line to
/// standard error for every call.
/// </remarks>
internal static class Convolution
{
    // From this many channels of a group on, torch's gradients of the input were right in every run of the sweep.
    private const int ManyChannels = 32;

    // Smaller inputs of one image are not taken by oneDNN.
    private const long SmallInput = 20_480;

    /// <summary>Convolves a square kernel without padding.</summary>
    /// <param name="input">[N, inputs, h, w]</param>
    /// <param name="kernel">[outputs, inputs / groups, k, k]</param>
    /// <param name="bias">[outputs]; none if null.</param>
    /// <param name="stride">The convolution's step.</param>
    /// <param name="groups">The number of groups, each of which reads and computes separate channels.</param>
    /// <returns>[N, outputs, h', w']</returns>
    public static Tensor Apply(Tensor input, Tensor kernel, Tensor? bias = null, int stride = 1, int groups = 1) =>
        Apply(input, kernel, bias, SlidingWindow.Square((int)kernel.shape[2], stride), groups);

    /// <summary>Convolves.</summary>
    /// <param name="input">[N, inputs, h, w]</param>
    /// <param name="kernel">[outputs, inputs / groups, height, width]</param>
    /// <param name="bias">[outputs]; none if null.</param>
    /// <param name="window">The sizes of the kernel, strides, padding with zeros, and dilations.</param>
    /// <param name="groups">The number of groups, each of which reads and computes separate channels.</param>
    /// <returns>[N, outputs, h', w']</returns>
    public static Tensor Apply(Tensor input, Tensor kernel, Tensor? bias, SlidingWindow window, int groups)
    {
        int height = window.Positions((int)input.shape[2], 0), width = window.Positions((int)input.shape[3], 1);
        (int top, int left) = (window.Top, window.Left);
        if (window.Bottom > top || window.Right > left)
        {
            input = F.pad(input, [left, window.Right, top, window.Bottom]);
            (top, left) = (0, 0);
        }

        // Torch pads both sides alike. Where the side after the image has less, positions are computed that do not exist: the last ones.
        SlidingWindow symmetric = window with { Top = top, Bottom = top, Left = left, Right = left };
        bool isExact = symmetric.Positions((int)input.shape[2], 0) == height && symmetric.Positions((int)input.shape[3], 1) == width;
        bool isPoint = kernel.shape[2] == 1 && kernel.shape[3] == 1 && window.StrideY == 1 && window.StrideX == 1;
        if (UsesTorch(input, kernel, groups, isPoint))
        {
            Tensor convolved = F.conv2d(
                input, kernel, bias, strides: window.Strides, padding: [top, left], dilation: window.Dilations, groups: groups);
            return isExact ? convolved : convolved.narrow(2, 0, height).narrow(3, 0, width);
        }

        long count = input.shape[0], outputs = kernel.shape[0];
        if ((!isExact || isPoint) && (top | left) != 0)
        {
            input = F.pad(input, [left, window.Right, top, window.Bottom]);
            (top, left) = (0, 0);
        }

        // The values that the kernel covers at each position of the output: [N, inputs · kh · kw, h' · w'].
        Tensor covered = isPoint ? input.flatten(2) : F.unfold(
            input, (window.KernelHeight, window.KernelWidth), (window.DilationY, window.DilationX), (top, left), (window.StrideY, window.StrideX));
        Tensor sums = groups == 1
            ? matmul(kernel.flatten(1), covered)
            : matmul(kernel.reshape(groups, outputs / groups, -1), covered.reshape(count, groups, -1, (long)height * width));
        Tensor output = sums.reshape(count, outputs, height, width);
        return bias is null ? output : output.Plus(bias.reshape(-1, 1, 1));
    }

    /// <summary>Determines whether torch's convolution computes this one correctly, and without output to standard error.</summary>
    private static bool UsesTorch(Tensor input, Tensor kernel, int groups, bool isPoint)
    {
        if (input.device.type != TorchSharp.DeviceType.CPU || input.dtype != float32)
            return true;
        bool isLarge = input.shape[0] > 1 || input.numel() > SmallInput;
        bool hasManyChannels = kernel.shape[1] >= ManyChannels && kernel.shape[0] / groups >= ManyChannels;
        return isLarge && !isPoint && (hasManyChannels || !input.requires_grad);
    }
}
