using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>
/// The two inner loops that every convolution of the network, forward and backward, is made of.
/// </summary>
/// <remarks>
/// <para>
/// Images lie in planes whose rows follow each other without gaps, so that a shift by a row and a column is one offset.
/// A convolution is then a sum over <em>taps</em>: a tap is the offset from a position of the output to the value of the
/// input that it is multiplied by, and stands for one input channel and one place in the kernel. A 1×1 convolution, a
/// k×k convolution and the gradients of both differ in nothing but their taps. What is computed at positions that hang
/// over the right edge of an image is never read.
/// </para>
/// <para>
/// Both loops hold 4 channels × 3 vectors of sums in registers: 12 multiply-adds for 7 loads.
/// </para>
/// </remarks>
internal static unsafe class TapKernels
{
    /// <summary>Output channels that are computed together; weights are packed in groups of as many.</summary>
    public const int ChannelsAtOnce = 4;

    /// <summary>Positions that are computed together; outputs are as long as a multiple of it.</summary>
    public const int PositionsAtOnce = 3 * Lanes;

    private const int Lanes = 8;
    private const int TapsAtOnce = 3;

    // Gradients and inputs of so many positions stay in the first-level cache while all taps read them.
    private const int PositionsInCache = 768;

    /// <summary>output[c, p] (+)= Σ_t weights[c, t] · input[p + taps[t]].</summary>
    /// <param name="input">The input at position 0.</param>
    /// <param name="taps">The offsets.</param>
    /// <param name="tapCount">The number of taps.</param>
    /// <param name="weights">Packed: [⌈channels / 4⌉, taps, 4].</param>
    /// <param name="output">[channels, stride].</param>
    /// <param name="stride">From a channel of the output to the next one; also of the mask.</param>
    /// <param name="channels">The number of output channels.</param>
    /// <param name="positions">The number of positions; as many are computed as make the next multiple of <see cref="PositionsAtOnce"/>.</param>
    /// <param name="result">What becomes of the sums.</param>
    /// <param name="mask">With <see cref="ConvolutionResult.WhereMaskIsPositive"/>: [channels, stride].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Convolve(
        float* input, nint* taps, int tapCount, float* weights, float* output, nint stride, int channels, int positions,
        ConvolutionResult result, float* mask = null)
    {
        for (int p = 0; p < positions; p += PositionsAtOnce)
        {
            float* w = weights;
            for (int c = 0; c < channels; c += ChannelsAtOnce)
            {
                Vector256<float> a0 = default, a1 = default, a2 = default;
                Vector256<float> b0 = default, b1 = default, b2 = default;
                Vector256<float> c0 = default, c1 = default, c2 = default;
                Vector256<float> d0 = default, d1 = default, d2 = default;
                float* x = input + p;
                for (int t = 0; t < tapCount; t++, w += ChannelsAtOnce)
                {
                    float* source = x + taps[t];
                    Vector256<float> x0 = Vector256.Load(source), x1 = Vector256.Load(source + Lanes), x2 = Vector256.Load(source + (2 * Lanes));
                    Vector256<float> k = Vector256.Create(w[0]);
                    a0 = Vector256.MultiplyAddEstimate(x0, k, a0);
                    a1 = Vector256.MultiplyAddEstimate(x1, k, a1);
                    a2 = Vector256.MultiplyAddEstimate(x2, k, a2);
                    k = Vector256.Create(w[1]);
                    b0 = Vector256.MultiplyAddEstimate(x0, k, b0);
                    b1 = Vector256.MultiplyAddEstimate(x1, k, b1);
                    b2 = Vector256.MultiplyAddEstimate(x2, k, b2);
                    k = Vector256.Create(w[2]);
                    c0 = Vector256.MultiplyAddEstimate(x0, k, c0);
                    c1 = Vector256.MultiplyAddEstimate(x1, k, c1);
                    c2 = Vector256.MultiplyAddEstimate(x2, k, c2);
                    k = Vector256.Create(w[3]);
                    d0 = Vector256.MultiplyAddEstimate(x0, k, d0);
                    d1 = Vector256.MultiplyAddEstimate(x1, k, d1);
                    d2 = Vector256.MultiplyAddEstimate(x2, k, d2);
                }

                nint first = (c * stride) + p;
                Store(a0, a1, a2, output + first, mask + first, result);
                if (c + 1 < channels)
                    Store(b0, b1, b2, output + first + stride, mask + first + stride, result);
                if (c + 2 < channels)
                    Store(c0, c1, c2, output + first + (2 * stride), mask + first + (2 * stride), result);
                if (c + 3 < channels)
                    Store(d0, d1, d2, output + first + (3 * stride), mask + first + (3 * stride), result);
            }
        }
    }

    /// <summary>sums[c, t] += Σ_p gradient[c, p] · input[p + taps[t]]: the gradient of the weights of <see cref="Convolve"/>.</summary>
    /// <param name="gradient">[channels, stride]; zero in the positions that make up the multiple of 8.</param>
    /// <param name="stride">From a channel of the gradient to the next one.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="input">The input at position 0; finite in all positions.</param>
    /// <param name="taps">The offsets.</param>
    /// <param name="tapCount">The number of taps.</param>
    /// <param name="positions">The number of positions.</param>
    /// <param name="sums">Packed as the weights are: [⌈channels / 4⌉, taps, 4].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Correlate(
        float* gradient, nint stride, int channels, float* input, nint* taps, int tapCount, int positions, float* sums)
    {
        for (int start = 0; start < positions; start += PositionsInCache)
        {
            int end = Math.Min(start + PositionsInCache, positions);
            for (int c = 0; c < channels; c += ChannelsAtOnce)
            {
                // Where channels or taps run out, the last one is computed again and not added.
                float* ga = gradient + (c * stride);
                float* gb = gradient + (Math.Min(c + 1, channels - 1) * stride);
                float* gc = gradient + (Math.Min(c + 2, channels - 1) * stride);
                float* gd = gradient + (Math.Min(c + 3, channels - 1) * stride);
                float* sum = sums + ((nint)c * tapCount);
                for (int t = 0; t < tapCount; t += TapsAtOnce)
                {
                    float* x0 = input + taps[t];
                    float* x1 = input + taps[Math.Min(t + 1, tapCount - 1)];
                    float* x2 = input + taps[Math.Min(t + 2, tapCount - 1)];
                    Vector256<float> a0 = default, a1 = default, a2 = default;
                    Vector256<float> b0 = default, b1 = default, b2 = default;
                    Vector256<float> c0 = default, c1 = default, c2 = default;
                    Vector256<float> d0 = default, d1 = default, d2 = default;
                    for (nint p = start; p < end; p += Lanes)
                    {
                        Vector256<float> v0 = Vector256.Load(x0 + p), v1 = Vector256.Load(x1 + p), v2 = Vector256.Load(x2 + p);
                        Vector256<float> g = Vector256.Load(ga + p);
                        a0 = Vector256.MultiplyAddEstimate(v0, g, a0);
                        a1 = Vector256.MultiplyAddEstimate(v1, g, a1);
                        a2 = Vector256.MultiplyAddEstimate(v2, g, a2);
                        g = Vector256.Load(gb + p);
                        b0 = Vector256.MultiplyAddEstimate(v0, g, b0);
                        b1 = Vector256.MultiplyAddEstimate(v1, g, b1);
                        b2 = Vector256.MultiplyAddEstimate(v2, g, b2);
                        g = Vector256.Load(gc + p);
                        c0 = Vector256.MultiplyAddEstimate(v0, g, c0);
                        c1 = Vector256.MultiplyAddEstimate(v1, g, c1);
                        c2 = Vector256.MultiplyAddEstimate(v2, g, c2);
                        g = Vector256.Load(gd + p);
                        d0 = Vector256.MultiplyAddEstimate(v0, g, d0);
                        d1 = Vector256.MultiplyAddEstimate(v1, g, d1);
                        d2 = Vector256.MultiplyAddEstimate(v2, g, d2);
                    }

                    Add(sum + (t * ChannelsAtOnce), a0, b0, c0, d0);
                    if (t + 1 < tapCount)
                        Add(sum + ((t + 1) * ChannelsAtOnce), a1, b1, c1, d1);
                    if (t + 2 < tapCount)
                        Add(sum + ((t + 2) * ChannelsAtOnce), a2, b2, c2, d2);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        Vector256<float> v0, Vector256<float> v1, Vector256<float> v2, float* target, float* mask, ConvolutionResult result)
    {
        switch (result)
        {
            case ConvolutionResult.Rectified:
                v0 = PlaneKernels.Rectify(v0);
                v1 = PlaneKernels.Rectify(v1);
                v2 = PlaneKernels.Rectify(v2);
                break;
            case ConvolutionResult.Added:
                v0 += Vector256.Load(target);
                v1 += Vector256.Load(target + Lanes);
                v2 += Vector256.Load(target + (2 * Lanes));
                break;
            case ConvolutionResult.WhereMaskIsPositive:
                v0 &= Vector256.GreaterThan(Vector256.Load(mask), Vector256<float>.Zero);
                v1 &= Vector256.GreaterThan(Vector256.Load(mask + Lanes), Vector256<float>.Zero);
                v2 &= Vector256.GreaterThan(Vector256.Load(mask + (2 * Lanes)), Vector256<float>.Zero);
                break;
        }

        v0.Store(target);
        v1.Store(target + Lanes);
        v2.Store(target + (2 * Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* sums, Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d)
    {
        var total = Vector128.Create(Vector256.Sum(a), Vector256.Sum(b), Vector256.Sum(c), Vector256.Sum(d));
        (Vector128.Load(sums) + total).Store(sums);
    }
}

/// <summary>Specifies what <see cref="TapKernels.Convolve"/> does with its sums.</summary>
internal enum ConvolutionResult
{
    /// <summary>They are the output.</summary>
    Stored,

    /// <summary>The output is max(0, sum).</summary>
    Rectified,

    /// <summary>They are added to what the output holds.</summary>
    Added,

    /// <summary>They are the output where a mask is above 0, which is 0 elsewhere: the gradient of a rectified input.</summary>
    WhereMaskIsPositive,
}
