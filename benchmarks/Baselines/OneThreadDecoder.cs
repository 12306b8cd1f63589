using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Benchmarks.Baselines;

/// <summary>Reads the images of a view with one cursor, to the planar bytes that training uses.</summary>
internal static class OneThreadDecoder
{
    private const int Channels = 3;

    public static List<byte[]> Read(IDataView data, string imageColumn)
    {
        var images = new List<byte[]>();
        DataViewSchema.Column column = data.Schema[imageColumn];
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        ValueGetter<MLImage> getter = cursor.GetGetter<MLImage>(column);
        MLImage image = null!;
        while (cursor.MoveNext())
        {
            getter(ref image);
            images.Add(Planar(image));
        }

        image?.Dispose();
        return images;
    }

    private static byte[] Planar(MLImage image)
    {
        ReadOnlySpan<byte> pixels = image.Pixels;
        bool isBgra = image.PixelFormat == MLPixelFormat.Bgra32;
        int plane = image.Width * image.Height;
        var planar = new byte[Channels * plane];
        for (int i = 0; i < plane; i++)
        {
            planar[i] = pixels[(4 * i) + (isBgra ? 2 : 0)];
            planar[plane + i] = pixels[(4 * i) + 1];
            planar[(2 * plane) + i] = pixels[(4 * i) + (isBgra ? 0 : 2)];
        }

        return planar;
    }
}
