namespace Derm7pt.MLNet.Interpretation;

/// <summary>Represents the contribution of each pixel of an image to a label.</summary>
public sealed class SaliencyMap
{
    private readonly float[] _values;

    internal SaliencyMap(int height, int width, float[] values, ClassificationTask task, int label)
    {
        (Height, Width, Task, Label) = (height, width, task, label);
        float largest = values.Max();
        // Only the pattern is comparable between images and stages, so the largest value is always 1. A map of zeros is not scaled.
        _values = largest > 0 ? Array.ConvertAll(values, value => Math.Max(0, value) / largest) : new float[values.Length];
    }

    /// <summary>The height in pixels.</summary>
    public int Height { get; }

    /// <summary>The width in pixels.</summary>
    public int Width { get; }

    /// <summary>The task.</summary>
    public ClassificationTask Task { get; }

    /// <summary>The zero-based label that the map explains.</summary>
    public int Label { get; }

    /// <summary>The values, rows from the top, in [0, 1] with a maximum of 1; all 0 if no pixel contributes to the label.</summary>
    public ReadOnlyMemory<float> Values => _values;

    /// <summary>
    /// Computes the share of the map's sum that is inside a mask, in [0, 1]. The expected share of a random map is the mask's
    /// share of the area, so that their ratio measures how well the map matches the mask. NaN for a map of zeros.
    /// </summary>
    /// <param name="mask">Height · Width values; pixels with values other than 0 are inside.</param>
    public double EnergyInside(ReadOnlySpan<byte> mask)
    {
        if (mask.Length != _values.Length)
            throw new ArgumentException($"Expected a mask of {_values.Length} values, got {mask.Length}.", nameof(mask));

        double inside = 0, all = 0;
        for (int i = 0; i < mask.Length; i++)
        {
            all += _values[i];
            if (mask[i] != 0)
                inside += _values[i];
        }

        return inside / all;
    }

    /// <summary>
    /// Draws the map over its image: pixels without contribution are dark, and the colors of pixels with a high contribution
    /// are shifted toward red and yellow.
    /// </summary>
    /// <param name="pixels">The image, [3, Height, Width], RGB in [0, 1].</param>
    /// <returns>RGBA bytes, rows from the top.</returns>
    public byte[] Overlay(ReadOnlySpan<float> pixels)
    {
        int plane = _values.Length;
        if (pixels.Length != 3 * plane)
            throw new ArgumentException(Invariant($"Expected {3 * plane} pixel values, got {pixels.Length}."), nameof(pixels));

        var overlay = new byte[4 * plane];
        for (int i = 0; i < plane; i++)
        {
            float value = _values[i], weight = 0.65f * MathF.Sqrt(value);
            (float red, float green, float blue) = (1, value, 0.1f * (1 - value));
            overlay[4 * i] = Blend(pixels[i], red);
            overlay[(4 * i) + 1] = Blend(pixels[plane + i], green);
            overlay[(4 * i) + 2] = Blend(pixels[(2 * plane) + i], blue);
            overlay[(4 * i) + 3] = 255;

            byte Blend(float pixel, float heat) =>
                (byte)Math.Clamp(255 * (((1 - weight) * pixel * (0.55f + (0.45f * value))) + (weight * heat)), 0, 255);
        }

        return overlay;
    }
}
