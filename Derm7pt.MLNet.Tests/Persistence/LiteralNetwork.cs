using Derm7pt.MLNet.Network;

namespace Derm7pt.MLNet.Tests.Persistence;

/// <summary>The remarks of <see cref="FoldedNetwork"/> taken literally: nested loops in double precision.</summary>
internal static class LiteralNetwork
{
    /// <summary>The probabilities of each task's labels.</summary>
    /// <param name="network">The network.</param>
    /// <param name="pixels">One image, [3, H, W].</param>
    public static double[][] Score(FoldedNetwork network, ReadOnlySpan<float> pixels)
    {
        var x = new double[3, network.ImageHeight, network.ImageWidth];
        for (int i = 0; i < pixels.Length; i++)
            x[i / (network.ImageHeight * network.ImageWidth), i / network.ImageWidth % network.ImageHeight, i % network.ImageWidth] = pixels[i];

        foreach (FoldedBlock block in network.Blocks)
        {
            if (block.MixKernel is not null)
                x = Relu(Convolve(x, block.MixKernel, block.MixBias, stride: 1, groups: 1));
            x = MaxPool(Relu(Convolve(x, block.Kernel, bias: null, block.Stride, block.Groups)));
        }

        x = Relu(Convolve(x, network.Head.MixKernel, network.Head.MixBias, stride: 1, groups: 1));
        int width = x.GetLength(0) / network.TaskCount;
        var scores = new double[network.TaskCount][];
        for (int task = 0; task < network.TaskCount; task++)
        {
            var pooled = new double[width];
            for (int c = 0; c < width; c++)
                pooled[c] = Average(x, task * width + c);

            var dense = new double[width];
            for (int c = 0; c < width; c++)
            {
                dense[c] = network.Head.DenseBias.Values[task * width + c];
                for (int i = 0; i < width; i++)
                    dense[c] += network.Head.DenseKernel.Values[(task * width + c) * width + i] * pooled[i];
                dense[c] = Math.Max(0, dense[c]);
            }

            (NamedTensor kernel, NamedTensor bias) = (network.Head.LogitsKernels[task], network.Head.LogitsBiases[task]);
            var exponentials = new double[bias.Values.Length];
            for (int label = 0; label < exponentials.Length; label++)
            {
                double logit = bias.Values[label];
                for (int i = 0; i < width; i++)
                    logit += kernel.Values[label * width + i] * dense[i];
                exponentials[label] = Math.Exp(logit);
            }

            scores[task] = [.. exponentials.Select(e => e / exponentials.Sum())];
        }

        return scores;
    }

    private static double[,,] Convolve(double[,,] x, NamedTensor kernel, NamedTensor? bias, int stride, int groups)
    {
        (int outputs, int inputs) = ((int)kernel.Shape[0], (int)kernel.Shape[1]);
        (int rows, int columns) = ((int)kernel.Shape[2], (int)kernel.Shape[3]);
        var y = new double[outputs, (x.GetLength(1) - rows) / stride + 1, (x.GetLength(2) - columns) / stride + 1];
        for (int o = 0; o < outputs; o++)
        {
            int firstInput = o / (outputs / groups) * inputs;
            for (int h = 0; h < y.GetLength(1); h++)
            {
                for (int w = 0; w < y.GetLength(2); w++)
                {
                    double sum = bias?.Values[o] ?? 0;
                    for (int i = 0; i < inputs; i++)
                    {
                        for (int r = 0; r < rows; r++)
                        {
                            for (int c = 0; c < columns; c++)
                            {
                                sum += kernel.Values[((o * inputs + i) * rows + r) * columns + c]
                                    * x[firstInput + i, h * stride + r, w * stride + c];
                            }
                        }
                    }

                    y[o, h, w] = sum;
                }
            }
        }

        return y;
    }

    private static double[,,] Relu(double[,,] x)
    {
        var y = (double[,,])x.Clone();
        for (int c = 0; c < y.GetLength(0); c++)
        {
            for (int h = 0; h < y.GetLength(1); h++)
            {
                for (int w = 0; w < y.GetLength(2); w++)
                    y[c, h, w] = Math.Max(0, y[c, h, w]);
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
                        Math.Max(x[c, 2 * h, 2 * w], x[c, 2 * h, 2 * w + 1]),
                        Math.Max(x[c, 2 * h + 1, 2 * w], x[c, 2 * h + 1, 2 * w + 1]));
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
