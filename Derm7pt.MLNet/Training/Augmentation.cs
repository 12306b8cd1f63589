using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Training;

/// <summary>Random affine maps of images: from coordinates of the result to those of the source, both in [−1, 1] per axis.</summary>
internal static class Augmentation
{
    /// <summary>Numbers of a map: a 2 × 3 matrix.</summary>
    public const int MapLength = 6;

    /// <summary>Draws a map for every image of a batch.</summary>
    /// <param name="count">The number of images.</param>
    /// <param name="options">The ranges of the changes.</param>
    /// <param name="random">Draws the maps; it draws 8 numbers per image, whatever the options are.</param>
    /// <param name="aspect">Width / height of the images.</param>
    /// <returns>[count, 2, 3]</returns>
    public static float[] DrawMaps(int count, AugmentationOptions options, Random random, double aspect)
    {
        var maps = new float[count * MapLength];
        for (int i = 0; i < count; i++)
            DrawMap(options, random, aspect, maps.AsSpan(i * MapLength, MapLength));
        return maps;
    }

    /// <summary>The maps that leave images as they are.</summary>
    /// <returns>[count, 2, 3]</returns>
    public static float[] Identity(int count) => [.. Enumerable.Range(0, count).SelectMany(_ => (float[])[1, 0, 0, 0, 1, 0])];

    /// <summary>Restricts maps to random windows of the sources, rotated by random multiples of 90°.</summary>
    /// <param name="maps">[count, 2, 3]; changed in place.</param>
    /// <param name="options">The range of the windows, and whether they are turned.</param>
    /// <param name="random">Draws windows and turns; it draws 4 numbers per image, whatever the options are.</param>
    /// <param name="aspect">Width / height of the images.</param>
    public static void Frame(Span<float> maps, AugmentationOptions options, Random random, double aspect)
    {
        for (; maps.Length > 0; maps = maps[MapLength..])
        {
            double share = options.CropShareMinimum + ((options.CropShareMaximum - options.CropShareMinimum) * random.NextDouble());
            // The center of a window of this share may be so far from that of the image.
            double shiftX = (1 - share) * ((2 * random.NextDouble()) - 1), shiftY = (1 - share) * ((2 * random.NextDouble()) - 1);
            int turns = (int)(4 * random.NextDouble());
            (int cos, int sin) = (options.QuarterTurns ? turns : 0) switch { 0 => (1, 0), 1 => (0, 1), 2 => (-1, 0), _ => (0, -1) };
            for (int column = 0; column < 3; column++)
            {
                double x = maps[column], y = maps[3 + column];
                maps[column] = (float)(share * ((cos * x) - (sin * y / aspect)));
                maps[3 + column] = (float)(share * ((sin * x * aspect) + (cos * y)));
            }

            maps[2] += (float)shiftX;
            maps[5] += (float)shiftY;
        }
    }

    /// <summary>Applies maps on the device that holds the images, as <see cref="AffineSampler"/> does on the processor.</summary>
    /// <param name="images">[N, 3, H, W]</param>
    /// <param name="maps">[N, 2, 3]</param>
    /// <param name="size">Height and width of the results; null for those of the images without their borders.</param>
    /// <param name="border">Pixels at each side of the images that are not read; [−1, 1] spans what lies within.</param>
    /// <returns>[N, 3, height, width]; what comes from outside an image repeats its border.</returns>
    public static Tensor Apply(Tensor images, float[] maps, (int Height, int Width)? size = null, int border = 0)
    {
        Tensor inner = images[.., .., border..(int)(images.shape[2] - border), border..(int)(images.shape[3] - border)];
        (long height, long width) = size ?? (inner.shape[2], inner.shape[3]);
        Tensor theta = tensor(maps, [images.shape[0], 2, 3], device: images.device);
        Tensor grid = F.affine_grid(theta, [images.shape[0], images.shape[1], height, width], align_corners: false);
        return F.grid_sample(inner, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Border, align_corners: false);
    }

    /// <summary>
    /// A map from the coordinates of the result to those of the source, both in [−1, 1] per axis: the linear part is
    /// rotation · shear · zoom · flips, in square pixels.
    /// </summary>
    /// <param name="options">The ranges.</param>
    /// <param name="random">Draws the numbers.</param>
    /// <param name="aspect">Width / height, by which the normalized axes differ.</param>
    /// <param name="map">Receives the 2 × 3 matrix in row-major order.</param>
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
