using Derm7pt.MLNet.Synthetic;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Derm7pt.MLNet.Tests.Scoring;

/// <summary>Synthetic lesions of all labels, as pixels and as images.</summary>
internal sealed class SyntheticImages
{
    /// <summary>Height and width in pixels.</summary>
    public const int Size = 128;

    private readonly byte[][] _rgb;

    public SyntheticImages(int count, int seed)
    {
        var random = new Random(seed);
        _rgb = new byte[count][];
        for (int i = 0; i < count; i++)
            _rgb[i] = Draw(random, Size, Size).Rgb.ToArray();
    }

    public int Count => _rgb.Length;

    /// <summary>Draws a lesion with random labels.</summary>
    public static RenderedLesion Draw(Random random, int width, int height) =>
        SyntheticLesion.Render([.. Taxonomy.Derm7pt.Tasks.Select(task => random.Next(task.Labels.Count))], random.Next(), width, height);

    /// <summary>[count, 3, size, size], in [0, 1].</summary>
    public float[] Pixels()
    {
        var pixels = new float[Count * 3 * Size * Size];
        int p = 0;
        foreach (byte[] rgb in _rgb)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                for (int i = channel; i < rgb.Length; i += 3)
                    pixels[p++] = rgb[i] * (1f / 255);
            }
        }

        return pixels;
    }

    /// <summary>Creates a new image for each caller, who disposes it.</summary>
    public MLImage Image(int index)
    {
        byte[] rgb = _rgb[index], rgba = new byte[4 * Size * Size];
        for (int i = 0, o = 0; i < rgb.Length; i += 3, o += 4)
        {
            rgb.AsSpan(i, 3).CopyTo(rgba.AsSpan(o));
            rgba[o + 3] = 255;
        }

        return MLImage.CreateFromPixels(Size, Size, MLPixelFormat.Rgba32, rgba);
    }

    public IDataView View(MLContext ml) =>
        ml.Data.LoadFromEnumerable(Enumerable.Range(0, Count).Select(i => new ImageInput { Case = $"case {i}", Image = Image(i) }));
}

/// <summary>A row to score.</summary>
internal sealed class ImageInput
{
    // ML.NET does not save the schema of image columns, and cannot save a schema that contains only image columns.
    public string Case { get; set; } = "";

    [ImageType(SyntheticImages.Size, SyntheticImages.Size)]
    public MLImage? Image { get; set; }
}
