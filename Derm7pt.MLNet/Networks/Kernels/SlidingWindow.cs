using System.Text.Json.Serialization;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>Represents the window of a convolution or pooling, for each of the two axes of an image.</summary>
/// <param name="KernelHeight">Rows of the window.</param>
/// <param name="KernelWidth">Columns of the window.</param>
/// <param name="StrideY">The step between rows.</param>
/// <param name="StrideX">The step between columns.</param>
/// <param name="Top">Rows added before the image.</param>
/// <param name="Left">Columns added before the image.</param>
/// <param name="Bottom">Rows added after the image.</param>
/// <param name="Right">Columns added after the image.</param>
/// <param name="DilationY">The distance between neighboring rows of the window.</param>
/// <param name="DilationX">The distance between neighboring columns of the window.</param>
internal sealed record SlidingWindow(
    int KernelHeight, int KernelWidth, int StrideY, int StrideX, int Top, int Left, int Bottom, int Right, int DilationY = 1, int DilationX = 1)
{
    [JsonIgnore]
    public long[] Kernel => [KernelHeight, KernelWidth];

    [JsonIgnore]
    public long[] Strides => [StrideY, StrideX];

    [JsonIgnore]
    public long[] Dilations => [DilationY, DilationX];

    /// <summary>A square window with the same padding on all sides.</summary>
    public static SlidingWindow Square(int kernel, int stride = 1, int padding = 0) =>
        new(kernel, kernel, stride, stride, padding, padding, padding, padding);

    /// <summary>The number of positions along an axis; 0 if the image is too small.</summary>
    /// <param name="extent">The height or width of the image.</param>
    /// <param name="axis">0 for rows, 1 for columns.</param>
    public int Positions(int extent, int axis)
    {
        (int kernel, int stride, int before, int after, int dilation) = axis == 0
            ? (KernelHeight, StrideY, Top, Bottom, DilationY)
            : (KernelWidth, StrideX, Left, Right, DilationX);
        int room = extent + before + after - ((dilation * (kernel - 1)) + 1);
        return extent == 0 || room < 0 ? 0 : (room / stride) + 1;
    }
}
