using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Training;

/// <summary>Random affine maps of images.</summary>
internal static class Augmentation
{
    /// <summary>Numbers of a map: a 2 × 3 matrix.</summary>
    public const int MapLength = 6;

    /// <summary>Draws a map for every image of a batch.</summary>
    /// <param name="count">The number of images.</param>
    /// <param name="options">How far images may be changed.</param>
    /// <param name="random">Draws the maps; used for 8 numbers an image, whatever the options are.</param>
    /// <param name="aspect">Width / height of the images.</param>
    /// <returns>[count, 2, 3]</returns>
    public static float[] DrawMaps(int count, AugmentationOptions options, Random random, double aspect)
    {
        var maps = new float[count * MapLength];
        for (int i = 0; i < count; i++)
            DrawMap(options, random, aspect, maps.AsSpan(i * MapLength, MapLength));
        return maps;
    }

    /// <summary>Applies maps on the device that holds the images, as <see cref="AffineSampler"/> does on the processor.</summary>
    /// <param name="images">[N, 3, H, W]</param>
    /// <param name="maps">[N, 2, 3]</param>
    /// <returns>[N, 3, H, W]; what comes from outside an image repeats its border.</returns>
    public static Tensor Apply(Tensor images, float[] maps)
    {
        Tensor theta = tensor(maps, [images.shape[0], 2, 3], device: images.device);
        Tensor grid = F.affine_grid(theta, images.shape, align_corners: false);
        return F.grid_sample(images, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Border, align_corners: false);
    }

    /// <summary>
    /// A map from the coordinates of the result to those of the source, both in [−1, 1] per axis: the linear part is
    /// rotation · shear · zoom · flips, in square pixels.
    /// </summary>
    /// <param name="options">The ranges.</param>
    /// <param name="random">Draws the numbers.</param>
    /// <param name="aspect">Width / height, by which the normalized axes differ.</param>
    /// <param name="map">Takes the 2 × 3 matrix in row-major order.</param>
    internal static void DrawMap(AugmentationOptions options, Random random, double aspect, Span<float> map)
    {
        double angle = Symmetric(options.RotationDegrees) * Math.PI / 180;
        double shear = Math.Tan(Symmetric(options.ShearDegrees) * Math.PI / 180);
        double zoomX = 1 + Symmetric(options.ZoomFraction), zoomY = 1 + Symmetric(options.ZoomFraction);
        // A shift by a share s of the extent is 2·s in coordinates that run from −1 to 1.
        double shiftX = 2 * Symmetric(options.ShiftFraction), shiftY = 2 * Symmetric(options.ShiftFraction);
        double flipX = random.NextDouble() < 0.5 && options.HorizontalFlip ? -1 : 1;
        double flipY = random.NextDouble() < 0.5 && options.VerticalFlip ? -1 : 1;

        (double sin, double cos) = Math.SinCos(angle);
        double xx = cos * zoomX * flipX, xy = ((cos * shear) - sin) * zoomY * flipY;
        double yx = sin * zoomX * flipX, yy = ((sin * shear) + cos) * zoomY * flipY;
        map[0] = (float)xx;
        map[1] = (float)(xy / aspect);
        map[2] = (float)shiftX;
        map[3] = (float)(yx * aspect);
        map[4] = (float)yy;
        map[5] = (float)shiftY;

        double Symmetric(double range) => ((2 * random.NextDouble()) - 1) * range;
    }
}
