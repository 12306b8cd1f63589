using System.Runtime.Intrinsics;
using Derm7pt.MLNet.Networks.Kernels;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Derm7pt.MLNet.Training;

/// <summary>Random changes of brightness and contrast: a value v becomes brightness · (mean + contrast · (v − mean)), limited to [0, 1].</summary>
internal static class Tone
{
    /// <summary>Numbers of a tone: brightness and contrast.</summary>
    public const int Length = 2;

    /// <summary>Draws a tone for every image of a batch.</summary>
    /// <param name="count">The number of images.</param>
    /// <param name="options">The ranges of the changes.</param>
    /// <param name="random">Draws the tones; it draws 2 numbers per image.</param>
    /// <returns>[count, 2]; null if the options leave values as they are.</returns>
    public static float[]? Draw(int count, AugmentationOptions options, Random random)
    {
        if (options is { BrightnessFraction: 0, ContrastFraction: 0 })
            return null;
        var tones = new float[count * Length];
        for (int i = 0; i < tones.Length; i += Length)
        {
            tones[i] = (float)(1 + (((2 * random.NextDouble()) - 1) * options.BrightnessFraction));
            tones[i + 1] = (float)(1 + (((2 * random.NextDouble()) - 1) * options.ContrastFraction));
        }

        return tones;
    }

    /// <summary>Changes one image in place.</summary>
    /// <param name="image">All values of the image, in [0, 1].</param>
    /// <param name="tone">Brightness and contrast.</param>
    public static void Apply(Span<float> image, ReadOnlySpan<float> tone)
    {
        float offset = (float)(tone[0] * (1 - tone[1]) * Mean(image));
        TensorPrimitives.Multiply(image, tone[0] * tone[1], image);
        TensorPrimitives.Add(image, offset, image);
        TensorPrimitives.Max(image, 0, image);
        TensorPrimitives.Min(image, 1, image);
    }

    /// <summary>Does the same on the device that holds the images.</summary>
    /// <param name="images">[N, 3, H, W] in [0, 1]</param>
    /// <param name="tones">[N, 2]</param>
    public static Tensor Apply(Tensor images, float[] tones)
    {
        Tensor pairs = tensor(tones, [images.shape[0], Length, 1, 1, 1], device: images.device);
        Tensor brightness = pairs.select(1, 0), contrast = pairs.select(1, 1);
        return (images * brightness * contrast).Plus(brightness * contrast.OneMinus() * images.mean([1, 2, 3], keepdim: true)).Limit(0, 1);
    }

    // The order of the sums is the same on every processor.
    private static double Mean(ReadOnlySpan<float> values)
    {
        Vector256<double> sums = Vector256<double>.Zero;
        int i = 0;
        for (; i <= values.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.Create(values[i..]));
            sums += lower + upper;
        }

        double sum = Vector256.Sum(sums);
        for (; i < values.Length; i++)
            sum += values[i];
        return sum / values.Length;
    }
}
