using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Tests.Models;

/// <summary>
/// The paper's network as nested loops in double precision: T separate convolutions per block, batch normalization, T gated copies
/// of the features. It uses neither torch nor ONNX Runtime nor folding.
/// </summary>
internal static class LoopNetwork
{
    private const double Epsilon = 1e-5;

    /// <summary>Computes the probabilities of each task's labels.</summary>
    /// <param name="model">A model whose network is <see cref="NetworkSpec.Gated"/>.</param>
    /// <param name="pixels">One image, [3, H, W].</param>
    public static double[][] Score(MultiTaskModel model, ReadOnlySpan<float> pixels)
    {
        (int height, int width, int tasks) = (model.ImageHeight, model.ImageWidth, model.Network.TaskCount);
        var image = new double[3, height, width];
        for (int i = 0; i < pixels.Length; i++)
            image[i / (height * width), i / width % height, i % width] = pixels[i];

        double[][,,] read = [.. Enumerable.Repeat(image, tasks)];
        int[] channels = [.. model.Network.Channels];
        for (int block = 0; block < channels.Length; block++)
        {
            var features = new double[tasks][,,];
            for (int task = 0; task < tasks; task++)
            {
                double[,,] mixed = block == 0 ? read[task] : Mix(model, $"blocks.{block}.mix", read[task], task);
                features[task] = MaxPool(Relu(Convolve(mixed, model.Tensor($"blocks.{block}.kernel"), task * channels[block], channels[block], block == 0 ? 2 : 1)));
            }

            double[,,] normalized = Normalize(model, block, features);
            double[][] alphas = Alphas(model, block);
            read = [.. alphas.Select(alpha => Scale(normalized, alpha))];
        }

        return [.. Enumerable.Range(0, tasks).Select(task => Head(model, read[task], task))];
    }

    /// <summary>Computes for each task the factor of each channel after a block: 1 / (1 + exp(−γ·a)); 1 for its own channels; 0 if gates are closed.</summary>
    public static double[][] Alphas(MultiTaskModel model, int block)
    {
        var gates = (GateSharing)model.Network.Sharing;
        int tasks = model.Network.TaskCount, channels = model.Network.Blocks[block].Channels, row = tasks * channels;
        var alphas = new double[tasks][];
        for (int task = 0; task < tasks; task++)
        {
            alphas[task] = new double[row];
            for (int c = 0; c < row; c++)
            {
                alphas[task][c] = c / channels == task ? 1
                    : gates.Mode == GateMode.Closed ? 0
                    : 1 / (1 + Math.Exp(-gates.Steepness * model.Tensor($"sharing.{block}.a").Values[(task * row) + c]));
            }
        }

        return alphas;
    }

    private static double[] Head(MultiTaskModel model, double[,,] read, int task)
    {
        double[,,] mixed = Mix(model, "heads.mix", read, task);
        int width = mixed.GetLength(0);
        double[] pooled = [.. Enumerable.Range(0, width).Select(c => Average(mixed, c))];
        double[] dense = Dense(pooled, model.Tensor("heads.dense_weight").Values, task * width * width, model.Tensor("heads.dense_bias").Values, task * width, width);
        float[] bias = model.Tensor($"heads.logits_bias.{task}").Values;
        double[] logits = Dense(
            [.. dense.Select(value => Math.Max(0, value))], model.Tensor($"heads.logits_weight.{task}").Values, 0, bias, 0, bias.Length);
        double[] exponentials = [.. logits.Select(value => Math.Exp(value - logits.Max()))];
        return [.. exponentials.Select(value => value / exponentials.Sum())];
    }

    private static double[] Dense(double[] x, float[] weights, int firstWeight, float[] bias, int firstBias, int outputs)
    {
        var y = new double[outputs];
        for (int o = 0; o < outputs; o++)
        {
            y[o] = bias[firstBias + o];
            for (int i = 0; i < x.Length; i++)
                y[o] += weights[firstWeight + (o * x.Length) + i] * x[i];
        }

        return y;
    }

    private static double[,,] Mix(MultiTaskModel model, string name, double[,,] x, int task)
    {
        NamedTensor weight = model.Tensor($"{name}.weight"), bias = model.Tensor($"{name}.bias");
        int width = (int)weight.Shape[1], inputs = x.GetLength(0);
        var y = new double[width, x.GetLength(1), x.GetLength(2)];
        for (int o = 0; o < width; o++)
        {
            for (int h = 0; h < y.GetLength(1); h++)
            {
                for (int w = 0; w < y.GetLength(2); w++)
                {
                    double sum = bias.Values[(task * width) + o];
                    for (int i = 0; i < inputs; i++)
                        sum += weight.Values[(((task * width) + o) * inputs) + i] * x[i, h, w];
                    y[o, h, w] = Math.Max(0, sum);
                }
            }
        }

        return y;
    }

    private static double[,,] Convolve(double[,,] x, NamedTensor kernel, int firstOutput, int outputs, int stride)
    {
        int inputs = x.GetLength(0), size = (int)kernel.Shape[2];
        var y = new double[outputs, ((x.GetLength(1) - size) / stride) + 1, ((x.GetLength(2) - size) / stride) + 1];
        for (int o = 0; o < outputs; o++)
        {
            for (int h = 0; h < y.GetLength(1); h++)
            {
                for (int w = 0; w < y.GetLength(2); w++)
                {
                    double sum = 0;
                    for (int i = 0; i < inputs; i++)
                    {
                        for (int position = 0; position < size * size; position++)
                        {
                            sum += kernel.Values[((((firstOutput + o) * inputs) + i) * size * size) + position]
                                * x[i, (h * stride) + (position / size), (w * stride) + (position % size)];
                        }
                    }

                    y[o, h, w] = sum;
                }
            }
        }

        return y;
    }

    private static double[,,] Normalize(MultiTaskModel model, int block, double[][,,] features)
    {
        float[] mean = model.Tensor($"sharing.{block}.running_mean").Values, variance = model.Tensor($"sharing.{block}.running_var").Values;
        int channels = features[0].GetLength(0);
        var y = new double[mean.Length, features[0].GetLength(1), features[0].GetLength(2)];
        for (int c = 0; c < mean.Length; c++)
        {
            for (int h = 0; h < y.GetLength(1); h++)
            {
                for (int w = 0; w < y.GetLength(2); w++)
                    y[c, h, w] = (features[c / channels][c % channels, h, w] - mean[c]) / Math.Sqrt(variance[c] + Epsilon);
            }
        }

        return y;
    }

    private static double[,,] Scale(double[,,] x, double[] factors)
    {
        var y = new double[x.GetLength(0), x.GetLength(1), x.GetLength(2)];
        for (int c = 0; c < factors.Length; c++)
        {
            for (int h = 0; h < y.GetLength(1); h++)
            {
                for (int w = 0; w < y.GetLength(2); w++)
                    y[c, h, w] = factors[c] * x[c, h, w];
            }
        }

        return y;
    }

    private static double[,,] Relu(double[,,] x)
    {
        var y = new double[x.GetLength(0), x.GetLength(1), x.GetLength(2)];
        for (int c = 0; c < y.GetLength(0); c++)
        {
            for (int h = 0; h < y.GetLength(1); h++)
            {
                for (int w = 0; w < y.GetLength(2); w++)
                    y[c, h, w] = Math.Max(0, x[c, h, w]);
            }
        }

        return y;
    }

    private static double[,,] MaxPool(double[,,] x)
    {
        var y = new double[x.GetLength(0), x.GetLength(1) / 2, x.GetLength(2) / 2];
        for (int c = 0; c < y.GetLength(0); c++)
        {
            for (int h = 0; h < y.GetLength(1); h++)
            {
                for (int w = 0; w < y.GetLength(2); w++)
                {
                    y[c, h, w] = Math.Max(
                        Math.Max(x[c, 2 * h, 2 * w], x[c, 2 * h, (2 * w) + 1]), Math.Max(x[c, (2 * h) + 1, 2 * w], x[c, (2 * h) + 1, (2 * w) + 1]));
                }
            }
        }

        return y;
    }

    private static double Average(double[,,] x, int channel)
    {
        double sum = 0;
        for (int h = 0; h < x.GetLength(1); h++)
        {
            for (int w = 0; w < x.GetLength(2); w++)
                sum += x[channel, h, w];
        }

        return sum / (x.GetLength(1) * x.GetLength(2));
    }
}
