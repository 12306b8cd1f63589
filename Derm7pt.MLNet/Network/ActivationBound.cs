namespace Derm7pt.MLNet.Network;

/// <summary>How large the values can become that a network computes from pixels in [0, 1].</summary>
/// <remarks>
/// |Σ w·x + b| ≤ Σ |w|·|x| + |b| holds for every partial sum in any order, and neither ReLU nor pooling makes a value larger.
/// </remarks>
internal static class ActivationBound
{
    /// <summary>No image makes any value larger than this, up to the sum that the average pooling forms over positions.</summary>
    public static double Of(FoldedNetwork network)
    {
        double largest = 1;
        double[] bounds = [1, 1, 1];
        foreach (FoldedBlock block in network.Blocks)
        {
            if (block.MixKernel is not null)
                bounds = Layer(block.MixKernel, block.MixBias, groups: 1, bounds);
            bounds = Layer(block.Kernel, bias: null, block.Groups, bounds);
        }

        FoldedHead head = network.Head;
        bounds = Layer(head.MixKernel, head.MixBias, groups: 1, bounds);
        bounds = Layer(head.DenseKernel, head.DenseBias, network.TaskCount, bounds);
        int width = bounds.Length / network.TaskCount;
        for (int task = 0; task < network.TaskCount; task++)
            Layer(head.LogitsKernels[task], head.LogitsBiases[task], groups: 1, bounds.AsSpan(task * width, width));
        return largest;

        double[] Layer(NamedTensor kernel, NamedTensor? bias, int groups, ReadOnlySpan<double> inputs)
        {
            int outputs = (int)kernel.Shape[0], read = (int)kernel.Shape[1], positions = kernel.Values.Length / outputs / read;
            var result = new double[outputs];
            for (int o = 0; o < outputs; o++)
            {
                double sum = Math.Abs(bias?.Values[o] ?? 0);
                ReadOnlySpan<double> group = inputs.Slice(o / (outputs / groups) * read, read);
                for (int i = 0; i < read; i++)
                {
                    double weight = 0;
                    foreach (float value in kernel.Values.AsSpan(((o * read) + i) * positions, positions))
                        weight += Math.Abs((double)value);
                    sum += weight * group[i];
                }

                result[o] = sum;
                largest = Math.Max(largest, sum);
            }

            return result;
        }
    }
}
