using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Networks;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>Represents mini-batches of images, which are changed at random each time they are read. The whole network runs on them.</summary>
/// <param name="network">The network.</param>
/// <param name="images">The images of all cases.</param>
/// <param name="augmentation">The random changes; <see langword="null"/> for none.</param>
/// <param name="seed">Determines the changes, together with the position of the mini-batch.</param>
internal sealed class PixelBatches(TorchNetwork network, LabelledImages images, AugmentationOptions? augmentation, int seed) : IBatchInput
{
    public bool RunsEncoder => true;

    public Tensor Read(int[] cases, int epoch = 0, int batch = 0)
    {
        if (augmentation is null)
            return network.Prepare(Batches.Images(images, cases, network.Device));
        // Augmentation and the network's crop and resize are one interpolation.
        (int height, int width) = network.Spec.InputSize(images.Height, images.Width);
        ImageChanges changes = ImageChanges.Draw(cases.Length, augmentation, seed, epoch, batch, height, width);
        return Batches.Images(
            images, cases, network.Device, changes.Maps, changes.Tones, changes.Size, network.Spec.InputWindow(images.Height, images.Width));
    }

    public NetworkOutput Forward(Tensor input) => network.ForwardEncoded(network.Encode(input));

    // The images belong to the caller.
    public void Dispose()
    {
    }
}
