using Derm7pt.MLNet.Models;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Derm7pt.MLNet.Tests.Models;

/// <summary>Cases to score, with the same pictures as images and as pixel vectors.</summary>
internal sealed class ScoringData
{
    private readonly MultiTaskModel _network;
    private readonly byte[][] _bytes;

    public ScoringData(MultiTaskModel network, int count, int seed)
    {
        _network = network;
        var random = new Random(seed);
        _bytes = new byte[count][];
        for (int i = 0; i < count; i++)
        {
            _bytes[i] = new byte[4 * network.ImageHeight * network.ImageWidth];
            for (int j = 0; j < _bytes[i].Length; j++)
                _bytes[i][j] = j % 4 == 3 ? (byte)255 : (byte)random.Next(256 * (i + 1) / count);
        }
    }

    /// <summary>[3, H, W] of each picture, red first.</summary>
    public float[][] Pixels =>
    [
        .. _bytes.Select(rgba => Enumerable.Range(0, 3)
            .SelectMany(channel => Enumerable.Range(0, rgba.Length / 4).Select(i => rgba[4 * i + channel] * (1f / 255)))
            .ToArray()),
    ];

    /// <summary>Creates a view with the columns <paramref name="inputColumn"/> and <c>Case</c>.</summary>
    public IDataView View(MLContext ml, bool asImages, string inputColumn, bool withDimensions = false)
    {
        float[][] pixels = Pixels;
        SchemaDefinition schema = SchemaDefinition.Create(asImages ? typeof(ImageRow) : typeof(PixelRow));
        if (!asImages)
        {
            schema["Input"].ColumnType = withDimensions
                ? new VectorDataViewType(NumberDataViewType.Single, 3, _network.ImageHeight, _network.ImageWidth)
                : new VectorDataViewType(NumberDataViewType.Single, pixels[0].Length);
        }

        schema["Input"].ColumnName = inputColumn;
        return asImages
            ? ml.Data.LoadFromEnumerable(_bytes.Select((rgba, i) => new ImageRow { Case = $"case {i}", Input = Image(rgba) }), schema)
            : ml.Data.LoadFromEnumerable(pixels.Select((values, i) => new PixelRow { Case = $"case {i}", Input = values }), schema);
    }

    private MLImage Image(byte[] rgba) =>
        MLImage.CreateFromPixels(_network.ImageWidth, _network.ImageHeight, MLPixelFormat.Rgba32, rgba);

    private sealed class ImageRow
    {
        public string Case { get; set; } = string.Empty;

        [ImageType(TestModels.Height, TestModels.Width)]
        public MLImage? Input { get; set; }
    }

    private sealed class PixelRow
    {
        public string Case { get; set; } = string.Empty;

        public float[] Input { get; set; } = [];
    }
}
