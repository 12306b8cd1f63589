using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>Pooling and rearranging of single planes.</summary>
internal static unsafe class PlaneKernels
{
    /// <summary>The position that is stored if no value is above 0, so that the gradient is 0.</summary>
    private const byte NoPlace = 4;

    private const int Lanes = 8;

    /// <summary>max(0, x); a value that is not a number stays one, so that a diverging training shows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Rectify(Vector256<float> x) =>
        Vector256.AndNot(x, Vector256.LessThanOrEqual(x, Vector256<float>.Zero));

    /// <summary>The largest of 2×2 values, or 0 if it is negative.</summary>
    /// <param name="plane">Rows of <paramref name="pitch"/> values.</param>
    /// <param name="pitch">From a row to the next one.</param>
    /// <param name="pooled">[height, width]</param>
    /// <param name="places">Receives where the largest value lies, for <see cref="Unpool"/>: [height, width]; null if not needed.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Columns of the result.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pool(float* plane, nint pitch, float* pooled, byte* places, int height, int width)
    {
        for (int y = 0; y < height; y++, plane += 2 * pitch, pooled += width)
        {
            int x = 0;
            for (; x <= width - Lanes; x += Lanes)
            {
                float* at = plane + (2 * x);
                (Vector256<float> largest, Vector256<float> right) = Deinterleave(Vector256.Load(at), Vector256.Load(at + Lanes));
                Vector256<float> place = default;
                Take(ref largest, ref place, right, 1);
                at += pitch;
                (Vector256<float> lower, right) = Deinterleave(Vector256.Load(at), Vector256.Load(at + Lanes));
                Take(ref largest, ref place, lower, 2);
                Take(ref largest, ref place, right, 3);
                Vector256<float> none = Vector256.LessThanOrEqual(largest, Vector256<float>.Zero);
                Vector256.AndNot(largest, none).Store(pooled + x);
                if (places != null)
                {
                    Vector256<int> codes = Vector256.ConvertToInt32(Vector256.ConditionalSelect(none, Vector256.Create((float)NoPlace), place));
                    Vector128<short> narrow = Vector128.Narrow(codes.GetLower(), codes.GetUpper());
                    Vector128.Narrow(narrow, narrow).GetLower().AsByte().Store(places + x);
                }
            }

            for (; x < width; x++)
            {
                float* at = plane + (2 * x);
                float largest = at[0];
                byte place = 0;
                Take(ref largest, ref place, at[1], 1);
                Take(ref largest, ref place, at[pitch], 2);
                Take(ref largest, ref place, at[pitch + 1], 3);
                bool none = largest <= 0;
                pooled[x] = none ? 0 : largest;
                if (places != null)
                    places[x] = none ? NoPlace : place;
            }

            if (places != null)
                places += width;
        }
    }

    /// <summary>Writes a gradient to where the largest of each 2×2 values was, and 0 to the other three.</summary>
    /// <param name="gradient">[height, width]</param>
    /// <param name="places">From <see cref="Pool"/>: [height, width].</param>
    /// <param name="plane">Receives 2·height rows of 2·width values; others stay as they are.</param>
    /// <param name="pitch">From a row of the plane to the next one.</param>
    /// <param name="height">Rows of the gradient.</param>
    /// <param name="width">Columns of the gradient.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpool(float* gradient, byte* places, float* plane, nint pitch, int height, int width)
    {
        for (int y = 0; y < height; y++, gradient += width, places += width, plane += 2 * pitch)
        {
            int x = 0;
            for (; x <= width - Lanes; x += Lanes)
            {
                var g = Vector256.Load(gradient + x);
                (Vector128<ushort> wide, _) = Vector128.Widen(Vector128.CreateScalarUnsafe(*(ulong*)(places + x)).AsByte());
                (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(wide);
                Vector256<int> place = Vector256.Create(low, high).AsInt32();
                float* at = plane + (2 * x);
                Interleave(At(0), At(1), at);
                Interleave(At(2), At(3), at + pitch);

                Vector256<float> At(int wanted) => g & Vector256.Equals(place, Vector256.Create(wanted)).AsSingle();
            }

            for (; x < width; x++)
            {
                float* at = plane + (2 * x);
                at[0] = at[1] = at[pitch] = at[pitch + 1] = 0;
                if (places[x] != NoPlace)
                    at[((places[x] >> 1) * pitch) + (places[x] & 1)] = gradient[x];
            }
        }
    }

    /// <summary>Splits a plane into the four planes of its even and odd rows and columns, in which a step of 2 is a step of 1.</summary>
    /// <param name="plane">[height, width]</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="parts">Receives even rows' even columns, their odd ones, odd rows' even columns, their odd ones.</param>
    /// <param name="stride">From a part to the next one.</param>
    /// <param name="pitch">From a row of a part to the next one: ⌈width / 2⌉.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Split(float* plane, int height, int width, float* parts, nint stride, nint pitch)
    {
        for (int y = 0; y < height; y++, plane += width)
        {
            float* even = parts + ((y & 1) * 2 * stride) + ((y >> 1) * pitch);
            float* odd = even + stride;
            int x = 0;
            for (; x <= width - (2 * Lanes); x += 2 * Lanes)
            {
                (Vector256<float> e, Vector256<float> o) = Deinterleave(Vector256.Load(plane + x), Vector256.Load(plane + x + Lanes));
                e.Store(even + (x / 2));
                o.Store(odd + (x / 2));
            }

            for (; x < width; x++)
                *((x & 1) == 0 ? even + (x / 2) : odd + (x / 2)) = plane[x];
        }
    }

    // The first of equals wins, and what is not a number wins for good, as in torch.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Take(ref Vector256<float> largest, ref Vector256<float> place, Vector256<float> value, float at)
    {
        Vector256<float> larger = Vector256.GreaterThan(value, largest) | ~Vector256.Equals(value, value);
        largest = Vector256.ConditionalSelect(larger, value, largest);
        place = Vector256.ConditionalSelect(larger, Vector256.Create(at), place);
    }

    private static void Take(ref float largest, ref byte place, float value, byte at)
    {
        if (value > largest || float.IsNaN(value))
            (largest, place) = (value, at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Even, Vector256<float> Odd) Deinterleave(Vector256<float> first, Vector256<float> second)
    {
        // Even columns to the lower half, odd ones to the upper half.
        first = Vector256.Shuffle(first, Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7));
        second = Vector256.Shuffle(second, Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7));
        return (Vector256.Create(first.GetLower(), second.GetLower()), Vector256.Create(first.GetUpper(), second.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(Vector256<float> even, Vector256<float> odd, float* target)
    {
        Vector256.Shuffle(Vector256.Create(even.GetLower(), odd.GetLower()), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).Store(target);
        Vector256.Shuffle(Vector256.Create(even.GetUpper(), odd.GetUpper()), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).Store(target + Lanes);
    }
}
