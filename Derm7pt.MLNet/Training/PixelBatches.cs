using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Networks;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>Mini-batches of images, changed anew each time that they are read; the whole network computes with them.</summary>
/// <param name="network">The network.</param>
/// <param name="images">The images of all cases.</param>
/// <param name="augmentation">How images are changed at random; <see langword="null"/> to read them as they are.</param>
/// <param name="seed">Decides the changes, together with the position of the mini-batch.</param>
internal sealed class PixelBatches(TorchNetwork network, LabelledImages images, AugmentationOptions? augmentation, int seed) : IBatchInput
{
    public Tensor Read(int[] cases, int epoch = 0, int batch = 0)
    {
        if (augmentation is null)
            return network.Prepare(Batches.Images(images, cases, network.Device));
        // The change and what the network takes of an image are one interpolation.
        ImageInput? input = network.Spec.Input;
        ImageChanges changes = ImageChanges.Draw(
            cases.Length, augmentation, seed, epoch, batch, input?.OutputExtent(images.Height) ?? images.Height,
            input?.OutputExtent(images.Width) ?? images.Width);
        return Batches.Images(images, cases, network.Device, changes.Maps, changes.Tones, changes.Size, input?.Border ?? 0);
    }

    public NetworkOutput Forward(Tensor input) => network.ForwardEncoded(network.Encode(input));

    /// <summary>Frees nothing: the images belong to the caller.</summary>
    public void Dispose()
    {
    }
}
