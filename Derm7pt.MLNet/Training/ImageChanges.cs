using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Training;

/// <summary>Represents the augmentation of each image of a mini-batch.</summary>
/// <param name="Maps">Where pixels come from, see <see cref="Augmentation"/>.</param>
/// <param name="Tones">Brightness and contrast, see <see cref="Tone"/>; null if they stay.</param>
/// <param name="Size">Height and width of the result.</param>
internal sealed record ImageChanges(float[] Maps, float[]? Tones, (int Height, int Width) Size)
{
    /// <summary>Draws the changes: a function of the seed and of the mini-batch's position. Every kind of change has a separate random stream.</summary>
    /// <param name="count">The number of images.</param>
    /// <param name="options">The ranges of the changes.</param>
    /// <param name="seed">Decides what is drawn, together with the position.</param>
    /// <param name="epoch">The zero-based epoch.</param>
    /// <param name="batch">The zero-based mini-batch.</param>
    /// <param name="height">Rows of the images.</param>
    /// <param name="width">Columns of the images.</param>
    public static ImageChanges Draw(int count, AugmentationOptions options, int seed, int epoch, int batch, int height, int width)
    {
        double aspect = (double)width / height;
        float[] maps = Augmentation.DrawMaps(count, options, Stream(SeedSequence.Purpose.Augmentation), aspect);
        if (options.CropShareMinimum < 1 || options.QuarterTurns)
            Augmentation.Frame(maps, options, Stream(SeedSequence.Purpose.Framing), aspect);
        return new ImageChanges(
            maps, Tone.Draw(count, options, Stream(SeedSequence.Purpose.Tone)), (options.OutputHeight ?? height, options.OutputWidth ?? width));

        Random Stream(SeedSequence.Purpose purpose) => SeedSequence.Random(seed, purpose, epoch, batch);
    }
}
