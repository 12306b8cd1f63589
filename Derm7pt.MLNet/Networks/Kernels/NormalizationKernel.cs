using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>Sizes of features [images, channels, positions].</summary>
internal readonly record struct PlaneSizes(int Images, int Channels, int Positions)
{
    /// <summary>Values of a channel.</summary>
    public double Count => (double)Images * Positions;

    /// <summary>Gets the offset of the plane of an image's channel.</summary>
    public nint Plane(int image, int channel) => (((nint)image * Channels) + channel) * Positions;
}

/// <summary>
/// Batch normalization and its gradient. A channel is computed by one thread, in the same order of its values for every
/// number of threads, and summed in double precision.
/// </summary>
internal static unsafe class NormalizationKernel
{
    private const int Lanes = 8;

    /// <summary>normalized = (features − mean) / √(variance + ε) with mean and variance of each channel.</summary>
    /// <param name="sizes">The sizes.</param>
    /// <param name="features">[images, channels, positions]</param>
    /// <param name="normalized">Receives the same shape.</param>
    /// <param name="statistics">Receives [2, channels]: the means, then 1 / √(variance + ε).</param>
    /// <param name="runningMean">[channels], changed.</param>
    /// <param name="runningVariance">[channels], changed.</param>
    /// <param name="momentum">The share of the new value in a running one.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="threads">The number of threads.</param>
    public static void Forward(
        PlaneSizes sizes, float* features, float* normalized, float* statistics, float* runningMean, float* runningVariance,
        double momentum, double epsilon, int threads) =>
        Parallel.For(0, sizes.Channels, new ParallelOptions { MaxDegreeOfParallelism = threads }, channel =>
        {
            (double sum, double squares) = Sums(sizes, channel, features, features, 0);
            double mean = sum / sizes.Count, variance = Math.Max(0, (squares / sizes.Count) - (mean * mean));
            float center = (float)mean, scale = (float)(1 / Math.Sqrt(variance + epsilon));
            statistics[channel] = center;
            statistics[sizes.Channels + channel] = scale;
            runningMean[channel] = (float)((momentum * mean) + ((1 - momentum) * runningMean[channel]));
            runningVariance[channel] =
                (float)((momentum * variance * sizes.Count / (sizes.Count - 1)) + ((1 - momentum) * runningVariance[channel]));
            for (int image = 0; image < sizes.Images; image++)
            {
                nint at = sizes.Plane(image, channel);
                Normalize(features + at, normalized + at, sizes.Positions, center, scale);
            }
        });

    /// <summary>The gradient of the features from that of what <see cref="Forward"/> gave.</summary>
    /// <param name="sizes">The sizes.</param>
    /// <param name="features">As given to <see cref="Forward"/>.</param>
    /// <param name="statistics">As <see cref="Forward"/> gave them.</param>
    /// <param name="gradient">[images, channels, positions]</param>
    /// <param name="featureGradient">Receives the same shape.</param>
    /// <param name="threads">The number of threads.</param>
    public static void Backward(PlaneSizes sizes, float* features, float* statistics, float* gradient, float* featureGradient, int threads) =>
        Parallel.For(0, sizes.Channels, new ParallelOptions { MaxDegreeOfParallelism = threads }, channel =>
        {
            float center = statistics[channel], scale = statistics[sizes.Channels + channel];
            (double sum, double product) = Sums(sizes, channel, gradient, features, center);
            // g ↦ s·(g − mean(g) − x̂·mean(g·x̂)) with x̂ = s·(x − center).
            float offset = (float)(scale * sum / sizes.Count);
            float slope = (float)((double)scale * scale * scale * product / sizes.Count);
            for (int image = 0; image < sizes.Images; image++)
            {
                nint at = sizes.Plane(image, channel);
                BackThrough(features + at, gradient + at, featureGradient + at, sizes.Positions, center, scale, offset, slope);
            }
        });

    /// <summary>Of a channel, Σ first and Σ first · (second − center).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Sum, double Product) Sums(PlaneSizes sizes, int channel, float* first, float* second, float center)
    {
        Vector256<double> sumLow = default, sumHigh = default, productLow = default, productHigh = default, at = Vector256.Create((double)center);
        double sum = 0, product = 0;
        for (int image = 0; image < sizes.Images; image++)
        {
            float* x = first + sizes.Plane(image, channel), y = second + sizes.Plane(image, channel);
            int p = 0;
            for (; p <= sizes.Positions - Lanes; p += Lanes)
            {
                (Vector256<double> xLow, Vector256<double> xHigh) = Vector256.Widen(Vector256.Load(x + p));
                (Vector256<double> yLow, Vector256<double> yHigh) = Vector256.Widen(Vector256.Load(y + p));
                sumLow += xLow;
                sumHigh += xHigh;
                productLow += xLow * (yLow - at);
                productHigh += xHigh * (yHigh - at);
            }

            for (; p < sizes.Positions; p++)
            {
                sum += x[p];
                product += x[p] * ((double)y[p] - center);
            }
        }

        return (sum + Vector256.Sum(sumLow + sumHigh), product + Vector256.Sum(productLow + productHigh));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Normalize(float* features, float* normalized, int positions, float center, float scale)
    {
        Vector256<float> centers = Vector256.Create(center), scales = Vector256.Create(scale);
        int p = 0;
        for (; p <= positions - Lanes; p += Lanes)
            ((Vector256.Load(features + p) - centers) * scales).Store(normalized + p);
        for (; p < positions; p++)
            normalized[p] = (features[p] - center) * scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackThrough(
        float* features, float* gradient, float* result, int positions, float center, float scale, float offset, float slope)
    {
        Vector256<float> centers = Vector256.Create(center), scales = Vector256.Create(scale);
        Vector256<float> offsets = Vector256.Create(offset), slopes = Vector256.Create(slope);
        int p = 0;
        for (; p <= positions - Lanes; p += Lanes)
        {
            Vector256<float> along = (Vector256.Load(features + p) - centers) * slopes;
            ((Vector256.Load(gradient + p) * scales) - offsets - along).Store(result + p);
        }

        for (; p < positions; p++)
            result[p] = (gradient[p] * scale) - offset - ((features[p] - center) * slope);
    }
}
