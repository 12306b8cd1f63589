using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>Constants of a step of Adam.</summary>
/// <param name="Kept">The share of a weight that decoupled weight decay keeps.</param>
/// <param name="L2">λ of the L2 term, whose gradient λ·w is added to that of the loss.</param>
/// <param name="FirstShare">1 − β₁, the share of the new gradient in its running mean.</param>
/// <param name="SecondShare">1 − β₂, the share of its square in the running mean of squares.</param>
/// <param name="RootScale">1 / √(1 − β₂ⁿ), by which the root of the running mean of squares is corrected in step n.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="Size">The learning rate / (1 − β₁ⁿ).</param>
internal readonly record struct AdamStep(
    double Kept, double L2, double FirstShare, double SecondShare, double RootScale, double Epsilon, double Size);

/// <summary>What happens to each weight by itself at the end of a training step, in one pass over the memory.</summary>
/// <remarks>
/// Products and sums are rounded one by one, never fused, and roots and quotients are exact to the last bit, so that the values are
/// the same on every processor.
/// </remarks>
internal static unsafe class StepKernels
{
    private const int Lanes = 8;

    /// <summary>Moves weights by a step of Adam, after their decay.</summary>
    /// <param name="weights">The weights; changed.</param>
    /// <param name="gradient">The gradient of the loss.</param>
    /// <param name="first">The running mean of the gradient; changed.</param>
    /// <param name="second">The running mean of its square; changed.</param>
    /// <param name="length">The number of weights.</param>
    /// <param name="step">The constants.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Adam(float* weights, float* gradient, float* first, float* second, nint length, AdamStep step)
    {
        (float kept, float l2, float firstShare, float secondShare) =
            ((float)step.Kept, (float)step.L2, (float)step.FirstShare, (float)step.SecondShare);
        (float rootScale, float epsilon, float size) = ((float)step.RootScale, (float)step.Epsilon, (float)step.Size);
        Vector256<float> epsilons = Vector256.Create(epsilon);
        nint i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            Vector256<float> w = Vector256.Load(weights + i) * kept;
            Vector256<float> g = Vector256.Load(gradient + i) + (w * l2);
            Vector256<float> m = Vector256.Load(first + i), v = Vector256.Load(second + i);
            m += (g - m) * firstShare;
            v += ((g * g) - v) * secondShare;
            m.Store(first + i);
            v.Store(second + i);
            (w - (m / ((Vector256.Sqrt(v) * rootScale) + epsilons) * size)).Store(weights + i);
        }

        for (; i < length; i++)
        {
            float w = weights[i] * kept;
            float g = gradient[i] + (w * l2);
            float m = first[i], v = second[i];
            m += (g - m) * firstShare;
            v += ((g * g) - v) * secondShare;
            first[i] = m;
            second[i] = v;
            weights[i] = w - (m / ((MathF.Sqrt(v) * rootScale) + epsilon) * size);
        }
    }

    /// <summary>Moves averages towards values: average += share · (value − average).</summary>
    /// <param name="averages">The averages; changed.</param>
    /// <param name="values">The values.</param>
    /// <param name="length">Their number.</param>
    /// <param name="share">The share of the distance, in (0, 1).</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Average(float* averages, float* values, nint length, double share)
    {
        float factor = (float)share;
        nint i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            Vector256<float> average = Vector256.Load(averages + i);
            (average + ((Vector256.Load(values + i) - average) * factor)).Store(averages + i);
        }

        for (; i < length; i++)
            averages[i] += (values[i] - averages[i]) * factor;
    }
}
