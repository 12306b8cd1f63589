using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Networks.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Benchmarks.Profile;

/// <summary>The blocks of the network, in the forward and the backward pass, with the rate of their arithmetic.</summary>
/// <remarks>
/// The work is that of the mathematics: the backward pass is twice the forward pass, or once if no gradient is needed for
/// pixels. The mixing convolution that the kernel computes again in the backward pass counts as time, not as work.
/// </remarks>
internal static class BlockProfile
{
    public static Breakdown Measure(BenchmarkContext context)
    {
        (int batch, int extent) = (context.Settings.Batch, context.Settings.Extent);
        NetworkSpec shape = Shapes.OfWidth(1);
        return new Breakdown(
            $"Blocks of a training step, batch {batch}, {extent} px",
            [.. Enumerable.Range(0, shape.BlockCount).SelectMany(block => Measure(context, shape, block, batch, extent))]);
    }

    private static IEnumerable<BreakdownPart> Measure(BenchmarkContext context, NetworkSpec shape, int block, int batch, int extent)
    {
        using DisposeScope scope = NewDisposeScope();
        int tasks = shape.TaskCount, input = NetworkWork.InputExtent(shape, extent, block), size = shape.Blocks[block].KernelSize;
        bool mixes = block > 0;
        int channels = mixes ? tasks * shape.Blocks[block - 1].Channels : NetworkSpec.PixelChannels;
        int mixed = mixes ? NetworkSpec.MixFactor * shape.Blocks[block - 1].Channels : channels;
        Tensor features = rand(batch, channels, input, input, requires_grad: mixes);
        Tensor? mix = mixes ? (rand(tasks, mixed, channels + 1) - 0.5).requires_grad_() : null;
        Tensor kernel = (rand(tasks * shape.Blocks[block].Channels, mixed, size, size) - 0.5).requires_grad_();

        var forward = new List<double>();
        var backward = new List<double>();
        for (int round = 0; round <= context.Settings.Rounds; round++)
        {
            using DisposeScope step = NewDisposeScope();
            Tensor output = null!;
            forward.Add(Clock.Seconds(() => output = BlockFunction.Apply(features, mix, kernel, mixes ? tasks : 1, shape.Blocks[block].Stride)));
            Tensor gradient = rand_like(output);
            backward.Add(Clock.Seconds(() => output.backward([gradient])));
        }

        double work = batch * NetworkWork.GigaflopsOfBlock(shape, extent, block);
        yield return Part("forward", forward, work);
        yield return Part("backward", backward, mixes ? 2 * work : work);

        BreakdownPart Part(string way, IEnumerable<double> seconds, double gigaflops)
        {
            double median = Spread.Of([.. seconds.Skip(1)]).Median;
            return new BreakdownPart($"block {block + 1} {way}", 1000 * median, gigaflops / median);
        }
    }
}
