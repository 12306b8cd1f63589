using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Derm7pt.MLNet.Reporting.Examples;

/// <summary>Reads the images of some rows; other images are not decoded.</summary>
internal static class ImageColumn
{
    /// <returns>The rows with their pixels: planar RGB in [0, 1].</returns>
    /// <exception cref="ArgumentOutOfRangeException">The column does not exist or does not contain images of this size.</exception>
    /// <exception cref="InvalidDataException">An image cannot be read; the message states its row.</exception>
    public static IEnumerable<(int Row, float[] Pixels)> Read(IDataView data, string name, int height, int width, IReadOnlyList<int> rows)
    {
        if (data.Schema.GetColumnOrNull(name) is not { } column)
            throw new ArgumentOutOfRangeException(nameof(name), name, $"Could not find image column '{name}'.");
        return Rows(data, column, height * width, rows);
    }

    private static IEnumerable<(int Row, float[] Pixels)> Rows(IDataView data, DataViewSchema.Column column, int plane, IReadOnlyList<int> rows)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        Func<float[]> read = Reader(cursor, column, plane);
        int last = rows.Count == 0 ? -1 : rows.Max();
        for (int row = 0; row <= last && cursor.MoveNext(); row++)
        {
            if (rows.Contains(row))
                yield return (row, Read(read, column, row));
        }
    }

    private static float[] Read(Func<float[]> read, DataViewSchema.Column column, int row)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new InvalidDataException(Invariant($"Row {row}: the image of column '{column.Name}' could not be read: {e.Message}"), e);
        }
    }

    private static Func<float[]> Reader(DataViewRowCursor cursor, DataViewSchema.Column column, int plane)
    {
        switch (column.Type)
        {
            case ImageDataViewType:
                ValueGetter<MLImage> image = cursor.GetGetter<MLImage>(column);
                return () =>
                {
                    MLImage value = null!;
                    DisposedImage.Read(image, ref value);
                    using (value)
                        return Planar(value ?? throw new InvalidDataException("There is no image."), plane);
                };
            case VectorDataViewType vector when vector.ItemType == NumberDataViewType.Single && vector.Size == 3 * plane:
                ValueGetter<VBuffer<float>> values = cursor.GetGetter<VBuffer<float>>(column);
                return () =>
                {
                    VBuffer<float> value = default;
                    DisposedImage.Read(values, ref value);
                    return [.. value.DenseValues()];
                };
            default:
                throw new ArgumentOutOfRangeException(
                    nameof(column), Invariant($"Schema mismatch for image column '{column.Name}': expected an image or a vector of {3 * plane} values, got {column.Type}."));
        }
    }

    private static float[] Planar(MLImage image, int plane)
    {
        ReadOnlySpan<byte> bytes = image.Pixels;
        if (bytes.Length != 4 * plane)
            throw new InvalidOperationException(Invariant($"Expected an image of {plane} pixels, got {image.Width}×{image.Height}."));
        (int red, int blue) = image.PixelFormat == MLPixelFormat.Bgra32 ? (2, 0) : (0, 2);
        var planar = new float[3 * plane];
        for (int i = 0; i < plane; i++)
        {
            planar[i] = bytes[(4 * i) + red] / 255f;
            planar[plane + i] = bytes[(4 * i) + 1] / 255f;
            planar[(2 * plane) + i] = bytes[(4 * i) + blue] / 255f;
        }

        return planar;
    }
}
