using Derm7pt.MLNet.Networks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Tests.Networks;

/// <summary>
/// The network written out literally, with the weights of the library's network: T separate convolutions per block, T gated copies of the
/// concatenated features, batch normalization and gates written out, in double precision: libtorch's convolutions in single precision
/// are wrong at random on some processors.
/// </summary>
internal static class LiteralNetwork
{
    private const double Epsilon = 1e-5;

    public static Tensor[] Forward(TorchNetwork network, Tensor pixels, bool training)
    {
        NetworkSpec shape = network.Spec;
        int tasks = shape.TaskCount;
        Dictionary<string, Tensor> weights = Weights(network);
        Tensor[]? gated = null;
        pixels = pixels.to(float64);
        for (int block = 0; block < shape.BlockCount; block++)
        {
            var features = new Tensor[tasks];
            for (int task = 0; task < tasks; task++)
            {
                Tensor input = gated is null ? pixels : Mix(weights, $"blocks.{block}.mix", gated[task], task);
                long channels = shape.Blocks[block].Channels;
                Tensor kernel = weights[$"blocks.{block}.kernel"].narrow(0, task * channels, channels);
                long stride = block == 0 ? 2 : 1;
                features[task] = F.max_pool2d(F.relu(F.conv2d(input, kernel, strides: [stride, stride])), 2);
            }

            Tensor normalized = Normalize(cat(features, 1), weights, block, training);
            gated = [.. Enumerable.Range(0, tasks).Select(task => normalized * Alpha(weights, shape, block, task).reshape(1, -1, 1, 1))];
        }

        return [.. Enumerable.Range(0, tasks).Select(task => Head(weights, gated![task], task))];
    }

    /// <summary>Gets the tensors of a network in double precision; gradients flow back to the network's own tensors.</summary>
    public static Dictionary<string, Tensor> Weights(TorchNetwork network) =>
        network.Parameters.ToDictionary(p => p.Name, p => p.Tensor.to(float64));

    /// <summary>Computes α of one task after a block: 1 / (1 + exp(−γ·a)), with a = 100 on its own channels and −100 if gates are closed.</summary>
    public static Tensor Alpha(Dictionary<string, Tensor> weights, NetworkSpec shape, int block, int task)
    {
        long channels = shape.Blocks[block].Channels;
        var parts = new Tensor[shape.TaskCount];
        for (int giving = 0; giving < parts.Length; giving++)
        {
            parts[giving] = giving == task ? full([channels], 100.0, dtype: float64)
                : ((GateSharing)shape.Sharing).Mode == GateMode.Closed ? full([channels], -100.0, dtype: float64)
                : weights[$"sharing.{block}.a"][task].narrow(0, giving * channels, channels);
        }

        return 1 / (1 + exp(-((GateSharing)shape.Sharing).Steepness * cat(parts)));
    }

    private static Tensor Mix(Dictionary<string, Tensor> weights, string name, Tensor gated, int task)
    {
        Tensor kernel = weights[$"{name}.weight"][task];
        long width = kernel.shape[0];
        return F.relu(F.conv2d(gated, kernel.reshape(width, -1, 1, 1), weights[$"{name}.bias"].narrow(0, task * width, width)));
    }

    private static Tensor Normalize(Tensor x, Dictionary<string, Tensor> weights, int block, bool training)
    {
        Tensor mean = training ? x.mean([0, 2, 3]) : weights[$"sharing.{block}.running_mean"];
        Tensor variance = training ? (x - mean.reshape(1, -1, 1, 1)).square().mean([0, 2, 3]) : weights[$"sharing.{block}.running_var"];
        return (x - mean.reshape(1, -1, 1, 1)) / (variance.reshape(1, -1, 1, 1) + Epsilon).sqrt();
    }

    public static Tensor Head(Dictionary<string, Tensor> weights, Tensor gated, int task)
    {
        Tensor pooled = Mix(weights, "heads.mix", gated, task).mean([2, 3]);
        Tensor hidden = F.relu(pooled.mm(weights["heads.dense_weight"][task].t()) + weights["heads.dense_bias"][task]);
        return hidden.mm(weights[$"heads.logits_weight.{task}"].t()) + weights[$"heads.logits_bias.{task}"];
    }
}
