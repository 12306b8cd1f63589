using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Derm7pt.MLNet.Tests.Inputs;

[TestClass]
public sealed class PixelColumnTests
{
    private const int Side = 3;
    private const int Length = 3 * Side * Side;

    [TestMethod]
    [DataRow(-1e-6f)]
    [DataRow(1.0001f)]
    [DataRow(255f)]
    [DataRow(float.NaN)]
    [DataRow(float.NegativeInfinity)]
    [DataRow(float.PositiveInfinity)]
    public void Read_ValueOutOfRangeAnywhere_IsNamed(float value)
    {
        for (int position = 0; position < Length; position++)
        {
            float[] values = [.. Enumerable.Range(0, Length).Select(i => i / (float)Length)];
            values[position] = value;

            var e = Assert.ThrowsExactly<InvalidDataException>(() => Read(new VBuffer<float>(Length, values)));

            StringAssert.StartsWith(e.Message, $"It holds the value {value}, expected pixels in [0, 1]");
        }
    }

    [TestMethod]
    public void Read_Vector_GivesItsValues()
    {
        float[] values = [.. Enumerable.Range(0, Length).Select(i => i / (Length - 1f))];

        CollectionAssert.AreEqual(values, Read(new VBuffer<float>(Length, values)));
    }

    [TestMethod]
    public void Read_SparseVector_HasZerosBetweenItsValues()
    {
        var expected = new float[Length];
        (expected[2], expected[^1]) = (0.5f, 1);

        CollectionAssert.AreEqual(expected, Read(new VBuffer<float>(Length, 2, [0.5f, 1], [2, Length - 1])));
        Assert.ThrowsExactly<InvalidDataException>(() => Read(new VBuffer<float>(Length, 2, [0.5f, 2], [2, Length - 1])));
    }

    [TestMethod]
    [DataRow(MLPixelFormat.Bgra32, 2, 1, 0)]
    [DataRow(MLPixelFormat.Rgba32, 0, 1, 2)]
    public void Read_Image_GivesPlanesOfRedGreenAndBlue(MLPixelFormat format, int red, int green, int blue)
    {
        byte[] interleaved = [.. Enumerable.Range(0, 4 * Side * Side).Select(i => (byte)(i % 4 == 3 ? 255 : 7 * i))];
        byte[] expected = [.. new[] { red, green, blue }.SelectMany(offset => interleaved.Where((_, i) => i % 4 == offset))];
        ColumnarDataView view = new ColumnarDataView.Builder(1)
            .Add("Image", new ImageDataViewType(Side, Side), (int _, ref MLImage image) =>
                image = MLImage.CreateFromPixels(Side, Side, format, interleaved))
            .Build();
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        using PixelReader reader = PixelColumn.Bind(view.Schema, "Image").Open(cursor);
        Assert.IsTrue(cursor.MoveNext());
        var bytes = new byte[Length];
        var numbers = new float[Length];

        reader.Read(bytes);
        reader.Read(numbers);

        CollectionAssert.AreEqual(expected, bytes);
        CollectionAssert.AreEqual(expected.Select(value => value * PixelColumn.Scale).ToArray(), numbers);
    }

    private static float[] Read(VBuffer<float> vector)
    {
        ColumnarDataView view = new ColumnarDataView.Builder(1)
            .Add("Pixels", new VectorDataViewType(NumberDataViewType.Single, 3, Side, Side), (int _, ref VBuffer<float> value) => value = vector)
            .Build();
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        using PixelReader reader = PixelColumn.Bind(view.Schema, "Pixels").Open(cursor);
        Assert.IsTrue(cursor.MoveNext());
        var values = new float[Length];
        reader.Read(values);
        return values;
    }
}
