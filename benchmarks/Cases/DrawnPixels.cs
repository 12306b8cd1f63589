using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>Cases with random pixels, as vectors in memory, and labels.</summary>
internal static class DrawnPixels
{
    /// <param name="count">The number of cases.</param>
    /// <param name="extent">The height and width of their images.</param>
    /// <param name="distinct">The number of different images, which the cases take in turns; all differ where null.</param>
    /// <returns>A view with the columns <c>Pixels</c> and a label column for every task.</returns>
    public static IDataView View(int count, int extent, int? distinct = null)
    {
        float[][] images = [.. Enumerable.Range(0, distinct ?? count).Select(seed => Draw(seed, extent))];
        var builder = new ColumnarDataView.Builder(count);
        foreach (ClassificationTask task in Taxonomy.Derm7pt.Tasks)
        {
            builder.AddKey(
                task.Name, [.. Enumerable.Range(0, count).Select(i => (uint)(1 + (i % task.Labels.Count)))],
                [.. task.Labels.Select(label => label.Name)]);
        }

        return builder
            .Add(
                ColumnNames.Pixels,
                new VectorDataViewType(NumberDataViewType.Single, PixelColumn.Channels, extent, extent),
                (int row, ref VBuffer<float> value) =>
                {
                    float[] image = images[row % images.Length];
                    VBufferEditor<float> editor = VBufferEditor.Create(ref value, image.Length);
                    image.CopyTo(editor.Values);
                    value = editor.Commit();
                })
            .Build();
    }

    // Multiples of 1/255, as decoded images have them.
    private static float[] Draw(int seed, int extent)
    {
        var bytes = new byte[PixelColumn.Channels * extent * extent];
        new Random(seed).NextBytes(bytes);
        return Array.ConvertAll(bytes, value => value * PixelColumn.Scale);
    }
}
