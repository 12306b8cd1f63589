using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>The only place from which the library asks torch for a convolution.</summary>
/// <remarks>
/// On the processor, in single precision, convolutions are matrix products. The convolutions of libtorch 2.10 give wrong gradients of
/// their input at random there: with few channels on processors with AVX-512, some of them not numbers. And where oneDNN
/// does not take a convolution, libtorch looks for NNPACK, and on processors without it writes a line to standard error for every call.
/// </remarks>
internal static class Convolution
{
    /// <summary>Convolves without padding.</summary>
    /// <param name="input">[N, inputs, h, w]</param>
    /// <param name="kernel">[outputs, inputs / groups, k, k]</param>
    /// <param name="bias">[outputs]; none where null.</param>
    /// <param name="stride">The convolution's step.</param>
    /// <param name="groups">The number of groups, each of which reads and gives channels of its own.</param>
    /// <returns>[N, outputs, h', w']</returns>
    public static Tensor Apply(Tensor input, Tensor kernel, Tensor? bias = null, int stride = 1, int groups = 1)
    {
        if (input.device.type != TorchSharp.DeviceType.CPU || input.dtype != float32)
            return F.conv2d(input, kernel, bias, strides: [stride, stride], groups: groups);
        long count = input.shape[0], outputs = kernel.shape[0], size = kernel.shape[2];
        long height = ((input.shape[2] - size) / stride) + 1, width = ((input.shape[3] - size) / stride) + 1;

        // What a kernel covers at each position of the output: [N, inputs · k · k, h' · w'].
        Tensor covered = size == 1 && stride == 1 ? input.flatten(2) : F.unfold(input, (size, size), stride: (stride, stride));
        Tensor sums = groups == 1
            ? matmul(kernel.flatten(1), covered)
            : matmul(kernel.reshape(groups, outputs / groups, -1), covered.reshape(count, groups, -1, height * width));
        Tensor output = sums.reshape(count, outputs, height, width);
        return bias is null ? output : output + bias.reshape(-1, 1, 1);
    }
}
