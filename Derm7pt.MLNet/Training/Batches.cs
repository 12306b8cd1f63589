using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Networks.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Derm7pt.MLNet.Training;

/// <summary>Creates tensors from cases.</summary>
internal static class Batches
{
    /// <param name="images">All images.</param>
    /// <param name="cases">Those that make up the batch.</param>
    /// <param name="device">The device of the tensor.</param>
    /// <param name="maps">An affine map for each case, as <see cref="Augmentation.DrawMaps"/> gives them; null leaves images as they are.</param>
    /// <param name="tones">A tone for each case, as <see cref="Tone.Draw"/> gives them; null leaves values as they are.</param>
    /// <param name="size">Height and width of the result; null for those of what is read of the images.</param>
    /// <param name="window">The part of the images that is read; all of them where null.</param>
    /// <returns>[N, 3, height, width] in [0, 1], RGB.</returns>
    public static Tensor Images(
        LabelledImages images, int[] cases, Device device, float[]? maps = null, float[]? tones = null, (int Height, int Width)? size = null,
        ImageWindow? window = null)
    {
        ImageWindow read = window ?? ImageWindow.Whole(images.Height, images.Width);
        (int Height, int Width) result = size ?? (read.Height, read.Width);
        if (maps is null && (result != (images.Height, images.Width) || read != ImageWindow.Whole(images.Height, images.Width)))
            maps = Augmentation.Identity(cases.Length);
        return device.type == DeviceType.CPU
            ? OnProcessor(images, cases, maps, tones, result, read)
            : OnDevice(images, cases, device, maps, tones, result, read);
    }

    // The bytes of the cache are converted directly to the values of the batch, without a copy.
    private static unsafe Tensor OnProcessor(
        LabelledImages images, int[] cases, float[]? maps, float[]? tones, (int Height, int Width) size, ImageWindow window)
    {
        Tensor batch = StepMemory.Empty([cases.Length, PixelColumn.Channels, size.Height, size.Width], float32);
        float* target = TensorMemory.Values(batch);
        int length = PixelColumn.Channels * size.Height * size.Width;
        Parallel.For(0, cases.Length, new ParallelOptions { MaxDegreeOfParallelism = SerialTorch.KernelThreads }, i =>
        {
            var values = new Span<float>(target + ((nint)i * length), length);
            if (maps is not null)
            {
                AffineSampler.Sample(
                    images[cases[i]], images.Height, images.Width, maps.AsSpan(i * Augmentation.MapLength, Augmentation.MapLength), values,
                    size.Height, size.Width, window);
            }
            else
            {
                TensorPrimitives.ConvertTruncating(images[cases[i]], values);
                TensorPrimitives.Multiply(values, PixelColumn.Scale, values);
            }

            if (tones is not null)
                Tone.Apply(values, tones.AsSpan(i * Tone.Length, Tone.Length));
        });
        return batch;
    }

    private static Tensor OnDevice(
        LabelledImages images, int[] cases, Device device, float[]? maps, float[]? tones, (int Height, int Width) size, ImageWindow window)
    {
        using Tensor bytes = empty([cases.Length, PixelColumn.Channels, images.Height, images.Width], uint8);
        Span<byte> target = bytes.bytes;
        for (int i = 0; i < cases.Length; i++)
        {
            ReadOnlySpan<byte> image = images[cases[i]];
            image.CopyTo(target.Slice(i * image.Length, image.Length));
        }

        // Bytes are copied to the device, because floats would have four times the size.
        using Tensor moved = bytes.to(device);
        Tensor batch = moved.to(float32);
        NumberOperators.Multiply(batch, PixelColumn.Scale);
        Tensor mapped = maps is null ? batch : Augmentation.Apply(batch, maps, size, window);
        return tones is null ? mapped : Tone.Apply(mapped, tones);
    }
}
