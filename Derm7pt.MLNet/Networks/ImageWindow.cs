namespace Derm7pt.MLNet.Networks;

/// <summary>The rectangle of an image that is read, as if the rest were cut off.</summary>
/// <param name="Top">The rows above it.</param>
/// <param name="Left">The columns to the left of it.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Width">Its columns.</param>
internal readonly record struct ImageWindow(int Top, int Left, int Height, int Width)
{
    /// <summary>The whole of an image.</summary>
    public static ImageWindow Whole(int height, int width) => new(0, 0, height, width);

    /// <summary>Whether it lies within an image.</summary>
    public bool IsWithin(int height, int width) =>
        Top >= 0 && Left >= 0 && Height >= 0 && Width >= 0 && Top + Height <= height && Left + Width <= width;
}
