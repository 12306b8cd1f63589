using System.Collections.Immutable;

namespace Derm7pt.MLNet.Network;

/// <summary>A tensor outside torch: a name, a shape and its values in row-major order.</summary>
internal sealed record NamedTensor(string Name, ImmutableArray<long> Shape, float[] Values);

/// <summary>
/// The network as it scores: gates, batch normalization and branches folded into plain convolutions, in eval mode.
/// Free of torch, so that it can be written to a file or handed to another runtime.
/// </summary>
/// <remarks>
/// With T tasks, C channels a task after a block and M = 4·C mixed channels, and pixels [N, 3, H, W] in [0, 1], RGB:
/// <code>
/// x = pixels
/// for each block:  x = relu(conv1x1(x, MixKernel, MixBias))      // absent in the first block
///                  x = maxpool2x2(relu(conv(x, Kernel, stride, groups)))   // no bias, no padding
/// head:            x = relu(conv1x1(x, Head.MixKernel, Head.MixBias))      // [N, T·M, h, w]
///                  x = globalAveragePool(x)                                // [N, T·M]
///                  x_t = relu(Dense_t · x_t + DenseBias_t)                 // for each task's M channels
///                  logits_t = Logits_t · x_t + LogitsBias_t;  score_t = softmax(logits_t)
/// </code>
/// </remarks>
/// <param name="TaskCount">T.</param>
/// <param name="ImageHeight">H, in pixels.</param>
/// <param name="ImageWidth">W, in pixels.</param>
/// <param name="Blocks">The convolution blocks, first to last.</param>
/// <param name="Head">The heads of all tasks.</param>
/// <param name="GateAlphas">For each block the gates α, [T, T·C]: row t is what task t takes of each channel.</param>
internal sealed record FoldedNetwork(
    int TaskCount,
    int ImageHeight,
    int ImageWidth,
    ImmutableArray<FoldedBlock> Blocks,
    FoldedHead Head,
    ImmutableArray<NamedTensor> GateAlphas);

/// <summary>One block.</summary>
/// <param name="MixKernel">[T·M, T·Cprevious, 1, 1] with gates and normalization folded in; null in the first block.</param>
/// <param name="MixBias">[T·M]; null in the first block.</param>
/// <param name="Kernel">[T·C, M, k, k], or [T·C, 3, k, k] in the first block, where every task reads the same pixels.</param>
/// <param name="Stride">The convolution's stride.</param>
/// <param name="Groups">T, or 1 in the first block.</param>
internal sealed record FoldedBlock(NamedTensor? MixKernel, NamedTensor? MixBias, NamedTensor Kernel, int Stride, int Groups);

/// <summary>The heads of all tasks, which read the last block's normalized and gated features.</summary>
/// <param name="MixKernel">[T·M, T·C, 1, 1].</param>
/// <param name="MixBias">[T·M].</param>
/// <param name="DenseKernel">[T·M, M]: rows of task t are its dense layer.</param>
/// <param name="DenseBias">[T·M].</param>
/// <param name="LogitsKernels">For each task [labels, M].</param>
/// <param name="LogitsBiases">For each task [labels].</param>
internal sealed record FoldedHead(
    NamedTensor MixKernel,
    NamedTensor MixBias,
    NamedTensor DenseKernel,
    NamedTensor DenseBias,
    ImmutableArray<NamedTensor> LogitsKernels,
    ImmutableArray<NamedTensor> LogitsBiases);
