using System.Collections.Immutable;
using Derm7pt.MLNet.Network;

namespace Derm7pt.MLNet.Persistence;

/// <summary>Checks that the tensors of a <see cref="FoldedNetwork"/> fit together and to a taxonomy.</summary>
internal static class FoldedNetworkValidation
{
    /// <summary>Throws where a tensor's shape is not the one that its place in the network asks for.</summary>
    /// <exception cref="ArgumentException">The message names the tensor, the shape expected and the shape it has.</exception>
    public static void Check(FoldedNetwork network, Taxonomy taxonomy)
    {
        int tasks = network.TaskCount;
        Require(
            tasks == taxonomy.Tasks.Count,
            $"The network has {tasks} tasks and the taxonomy '{taxonomy.Name}' has {taxonomy.Tasks.Count}.");
        Require(!network.Blocks.IsDefaultOrEmpty, "The network has no blocks.");
        Require(
            network.GateAlphas.Length == network.Blocks.Length,
            $"Expected gates for {network.Blocks.Length} blocks; got {network.GateAlphas.Length}.");

        long channels = 0;
        (long height, long width) = (network.ImageHeight, network.ImageWidth);
        for (int block = 0; block < network.Blocks.Length; block++)
        {
            channels = CheckBlock(network.Blocks[block], block, tasks, channels, ref height, ref width);
            CheckShape(network.GateAlphas[block], [tasks, channels]);
        }

        CheckHead(network.Head, taxonomy, tasks, channels);
    }

    /// <summary>Checks that a tensor holds as many values as its shape says.</summary>
    public static void CheckValueCount(NamedTensor tensor)
    {
        long count = 1;
        foreach (long dimension in tensor.Shape)
            count *= dimension;
        Require(
            count == tensor.Values.Length,
            $"Tensor '{tensor.Name}' of shape {Text(tensor.Shape)} holds {tensor.Values.Length} values instead of {count}.");
    }

    /// <summary>Checks one block and gives the channels of all its tasks together.</summary>
    private static long CheckBlock(
        FoldedBlock block, int index, int tasks, long previousChannels, ref long height, ref long width)
    {
        NamedTensor kernel = block.Kernel;
        Require(kernel.Shape.Length == 4, $"Kernel '{kernel.Name}' must have 4 dimensions, got shape {Text(kernel.Shape)}.");
        (long channels, long rows, long columns) = (kernel.Shape[0], kernel.Shape[2], kernel.Shape[3]);
        Require(
            channels > 0 && channels % tasks == 0,
            $"Kernel '{kernel.Name}' has {channels} output channels, which {tasks} tasks cannot share equally.");
        Require(block.Stride > 0, $"Block {index + 1} has stride {block.Stride}.");

        int groups = index == 0 ? 1 : tasks;
        Require(block.Groups == groups, $"Block {index + 1} must have {groups} groups, got {block.Groups}.");
        if (index == 0)
        {
            Require(block.MixKernel is null && block.MixBias is null, "The first block reads pixels and has nothing to mix.");
            CheckShape(kernel, [channels, 3, rows, columns]);
        }
        else
        {
            Require(block.MixKernel is not null && block.MixBias is not null, $"Block {index + 1} lacks its mixing convolution.");
            long mixed = CheckMix(block.MixKernel!, block.MixBias!, tasks, previousChannels);
            CheckShape(kernel, [channels, mixed / tasks, rows, columns]);
        }

        // A convolution without padding and a pooling that drops an odd last row or column.
        height = height < rows ? 0 : ((height - rows) / block.Stride + 1) / 2;
        width = width < columns ? 0 : ((width - columns) / block.Stride + 1) / 2;
        Require(height > 0 && width > 0, $"The image is too small: nothing is left of it after block {index + 1}.");
        return channels;
    }

    private static long CheckMix(NamedTensor kernel, NamedTensor bias, int tasks, long previousChannels)
    {
        long mixed = kernel.Shape.Length == 0 ? 0 : kernel.Shape[0];
        Require(
            mixed > 0 && mixed % tasks == 0,
            $"Kernel '{kernel.Name}' has {mixed} output channels, which {tasks} tasks cannot share equally.");
        CheckShape(kernel, [mixed, previousChannels, 1, 1]);
        CheckShape(bias, [mixed]);
        return mixed;
    }

    private static void CheckHead(FoldedHead head, Taxonomy taxonomy, int tasks, long channels)
    {
        long mixed = CheckMix(head.MixKernel, head.MixBias, tasks, channels);
        CheckShape(head.DenseKernel, [mixed, mixed / tasks]);
        CheckShape(head.DenseBias, [mixed]);
        Require(
            head.LogitsKernels.Length == tasks && head.LogitsBiases.Length == tasks,
            $"Expected logits of {tasks} tasks; got {head.LogitsKernels.Length} kernels and {head.LogitsBiases.Length} biases.");
        for (int task = 0; task < tasks; task++)
        {
            CheckShape(head.LogitsKernels[task], [taxonomy.Tasks[task].Labels.Count, mixed / tasks]);
            CheckShape(head.LogitsBiases[task], [taxonomy.Tasks[task].Labels.Count]);
        }
    }

    private static void CheckShape(NamedTensor tensor, ImmutableArray<long> expected)
    {
        Require(
            tensor.Shape.AsSpan().SequenceEqual(expected.AsSpan()),
            $"Tensor '{tensor.Name}' must have shape {Text(expected)}, got {Text(tensor.Shape)}.");
        CheckValueCount(tensor);
    }

    private static string Text(ImmutableArray<long> shape) => $"[{string.Join(", ", shape)}]";

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new ArgumentException(message);
    }
}
