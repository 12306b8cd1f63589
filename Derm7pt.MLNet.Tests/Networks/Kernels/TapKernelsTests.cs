using Derm7pt.MLNet.Networks.Kernels;

namespace Derm7pt.MLNet.Tests.Networks.Kernels;

/// <summary>Compares the two inner loops with their definitions.</summary>
[TestClass]
public sealed unsafe class TapKernelsTests
{
    private const int Stride = 1000;

    [TestMethod]
    [DataRow(1, 1, 24)]
    [DataRow(3, 5, 48)]
    [DataRow(4, 2, 72)]
    [DataRow(10, 7, 960)]
    public void Convolve_AnyNumberOfChannelsAndTaps_IsTheSumOverTaps(int channels, int taps, int positions)
    {
        (float[] input, nint[] offsets, float[,] weights) = Draw(channels, taps);
        foreach (ConvolutionResult result in Enum.GetValues<ConvolutionResult>())
        {
            float[] before = [.. Numbers(channels * Stride, seed: 9)], mask = [.. Numbers(channels * Stride, seed: 8)];
            float[] output = [.. before];
            using PackedWeights packed = Pack(weights);
            fixed (float* x = input, y = output, m = mask)
            fixed (nint* t = offsets)
                TapKernels.Convolve(x, t, taps, packed.Group(0), y, Stride, channels, positions, result, m);

            for (int c = 0; c < channels; c++)
            {
                for (int p = 0; p < positions; p++)
                {
                    double sum = Enumerable.Range(0, taps).Sum(t => (double)weights[c, t] * input[p + offsets[t]]);
                    int at = (c * Stride) + p;
                    double expected = result switch
                    {
                        ConvolutionResult.Rectified => Math.Max(0, sum),
                        ConvolutionResult.Added => before[at] + sum,
                        ConvolutionResult.WhereMaskIsPositive => mask[at] > 0 ? sum : 0,
                        _ => sum,
                    };
                    Assert.AreEqual(expected, output[at], 1e-5, $"{result}, channel {c}, position {p}");
                }

                Assert.AreEqual(before[(c * Stride) + positions], output[(c * Stride) + positions], "Wrote behind the last position.");
            }
        }
    }

    [TestMethod]
    [DataRow(1, 1, 8)]
    [DataRow(3, 5, 40)]
    [DataRow(4, 3, 64)]
    [DataRow(10, 7, 960)]
    public void Correlate_AnyNumberOfChannelsAndTaps_IsTheSumOverPositions(int channels, int taps, int positions)
    {
        (float[] input, nint[] offsets, _) = Draw(channels, taps);
        float[] gradient = [.. Numbers(channels * Stride, seed: 5)];
        using var sums = new PackedWeights(WeightOrder.Forward(1, channels, taps, places: 1));
        fixed (float* x = input, g = gradient)
        fixed (nint* t = offsets)
        {
            TapKernels.Correlate(g, Stride, channels, x, t, taps, positions, sums.Group(0));
            TapKernels.Correlate(g, Stride, channels, x, t, taps, positions, sums.Group(0));
        }

        var actual = new float[channels * taps];
        fixed (float* a = actual)
            sums.Unpack(a);
        for (int c = 0; c < channels; c++)
        {
            for (int t = 0; t < taps; t++)
            {
                double once = Enumerable.Range(0, positions).Sum(p => (double)gradient[(c * Stride) + p] * input[p + offsets[t]]);
                Assert.AreEqual(2 * once, actual[(c * taps) + t], 1e-3, $"channel {c}, tap {t}");
            }
        }
    }

    private static (float[] Input, nint[] Offsets, float[,] Weights) Draw(int channels, int taps)
    {
        var random = new Random(channels + taps);
        var weights = new float[channels, taps];
        for (int c = 0; c < channels; c++)
        {
            for (int t = 0; t < taps; t++)
                weights[c, t] = random.NextSingle() - 0.5f;
        }

        return ([.. Numbers(2 * Stride, seed: 3)], [.. Enumerable.Range(0, taps).Select(_ => (nint)random.Next(Stride - 10))], weights);
    }

    private static PackedWeights Pack(float[,] weights)
    {
        fixed (float* w = weights)
            return new PackedWeights(WeightOrder.Forward(1, weights.GetLength(0), weights.GetLength(1), places: 1), w);
    }

    private static IEnumerable<float> Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f);
    }
}
