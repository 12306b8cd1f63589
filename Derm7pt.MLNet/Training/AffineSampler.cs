using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Derm7pt.MLNet.Inputs;

namespace Derm7pt.MLNet.Training;

/// <summary>Applies an affine map to one image while its bytes become numbers.</summary>
internal static unsafe class AffineSampler
{
    private const int Lanes = 8;

    /// <summary>Samples an image into a result of its size; see the other overload.</summary>
    public static void Sample(ReadOnlySpan<byte> image, int height, int width, ReadOnlySpan<float> map, Span<float> result) =>
        Sample(image, height, width, map, result, height, width);

    /// <summary>Bilinear interpolation; what comes from outside the image repeats its border.</summary>
    /// <param name="image">Planar RGB bytes, [3, height, width].</param>
    /// <param name="height">Rows of the image, at least 2 without the borders.</param>
    /// <param name="width">Columns of the image, at least 2 without the borders.</param>
    /// <param name="map">From coordinates of the result to those of the image; see <see cref="Augmentation.DrawMap"/>.</param>
    /// <param name="result">Receives [3, resultHeight, resultWidth] in [0, 1].</param>
    /// <param name="resultHeight">Rows of the result.</param>
    /// <param name="resultWidth">Columns of the result.</param>
    /// <param name="border">
    /// Pixels at each side of the image that are not read, as if they were cut off: the map's [−1, 1] spans the window within.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sample(
        ReadOnlySpan<byte> image, int height, int width, ReadOnlySpan<float> map, Span<float> result, int resultHeight, int resultWidth,
        int border = 0)
    {
        int plane = height * width, resultPlane = resultHeight * resultWidth;
        int windowHeight = height - (2 * border), windowWidth = width - (2 * border);
        if (image.Length != PixelColumn.Channels * plane || result.Length != PixelColumn.Channels * resultPlane)
        {
            throw new ArgumentException(Invariant(
                $"Expected {PixelColumn.Channels * plane} and {PixelColumn.Channels * resultPlane} values, got {image.Length} and {result.Length}."),
                nameof(image));
        }

        if (border < 0 || windowHeight < 2 || windowWidth < 2)
            throw new ArgumentException(Invariant($"A border of {border} pixels leaves less than 2 of {width}×{height}."), nameof(border));

        // Coordinates in [−1, 1] as pixels: the pixel x has its center at (2x + 1) / width − 1.
        float columnX = map[0] * ((float)windowWidth / resultWidth), columnY = map[3] * windowHeight / resultWidth;
        float rowX = map[1] * windowWidth / resultHeight, rowY = map[4] * ((float)windowHeight / resultHeight);
        float edgeX = (1f / resultWidth) - 1, edgeY = (1f / resultHeight) - 1;
        float startX = (((map[0] * edgeX) + (map[1] * edgeY) + map[2] + 1) * windowWidth / 2) - 0.5f + border;
        float startY = (((map[3] * edgeX) + (map[4] * edgeY) + map[5] + 1) * windowHeight / 2) - 0.5f + border;
        Vector256<float> first = Vector256.Create((float)border);
        Vector256<float> lastX = Vector256.Create(width - border - 1f), lastY = Vector256.Create(height - border - 1f);
        Vector256<int> beforeLastX = Vector256.Create(width - border - 2), beforeLastY = Vector256.Create(height - border - 2);
        Vector256<float> columns = Vector256<float>.Indices;

        int* offsets = stackalloc int[Lanes];
        int* upper = stackalloc int[Lanes];
        int* lower = stackalloc int[Lanes];
        fixed (byte* source = image)
        fixed (float* target = result)
        {
            for (int y = 0; y < resultHeight; y++)
            {
                Vector256<float> firstX = Vector256.Create(startX + (y * rowX)), firstY = Vector256.Create(startY + (y * rowY));
                for (int x = 0; x < resultWidth; x += Lanes)
                {
                    Vector256<float> column = columns + Vector256.Create((float)x);
                    Vector256<float> atX = Vector256.Clamp(firstX + (column * columnX), first, lastX);
                    Vector256<float> atY = Vector256.Clamp(firstY + (column * columnY), first, lastY);
                    // At the last column the left neighbor is the one before it, and the right one counts fully.
                    Vector256<int> left = Vector256.Min(Vector256.ConvertToInt32(atX), beforeLastX);
                    Vector256<int> top = Vector256.Min(Vector256.ConvertToInt32(atY), beforeLastY);
                    Vector256<float> shareX = atX - Vector256.ConvertToSingle(left), shareY = atY - Vector256.ConvertToSingle(top);
                    ((top * width) + left).Store(offsets);
                    for (int channel = 0; channel < PixelColumn.Channels; channel++)
                    {
                        byte* from = source + (channel * plane);
                        for (int i = 0; i < Lanes; i++)
                        {
                            // Left and right neighbor at once.
                            upper[i] = Unsafe.ReadUnaligned<ushort>(from + offsets[i]);
                            lower[i] = Unsafe.ReadUnaligned<ushort>(from + offsets[i] + width);
                        }

                        Vector256<float> above = Blend(Vector256.Load(upper), shareX), below = Blend(Vector256.Load(lower), shareX);
                        Vector256<float> value = (above + ((below - above) * shareY)) * PixelColumn.Scale;
                        float* to = target + (channel * resultPlane) + (y * resultWidth) + x;
                        if (x + Lanes <= resultWidth)
                        {
                            value.Store(to);
                        }
                        else
                        {
                            for (int i = 0; i < resultWidth - x; i++)
                                to[i] = value[i];
                        }
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Blend(Vector256<int> neighbours, Vector256<float> share)
    {
        Vector256<float> left = Vector256.ConvertToSingle(neighbours & Vector256.Create(0xff));
        Vector256<float> right = Vector256.ConvertToSingle(Vector256.ShiftRightLogical(neighbours, 8));
        return left + ((right - left) * share);
    }
}
