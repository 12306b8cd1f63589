using Derm7pt.MLNet.Networks.Kernels;

namespace Derm7pt.MLNet.Tests.Networks.Kernels;

[TestClass]
public sealed unsafe class PlaneKernelsTests
{
    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(3, 7)]
    [DataRow(4, 8)]
    [DataRow(5, 21)]
    public void Pool_AnySize_GivesTheFirstOfTheLargestAndNothingBelowZero(int height, int width)
    {
        int pitch = (2 * width) + 3;
        float[] plane = Values(2 * height * pitch, seed: width);
        var pooled = new float[height * width];
        var places = new byte[height * width];

        fixed (float* p = plane, r = pooled)
        fixed (byte* c = places)
            PlaneKernels.Pool(p, pitch, r, c, height, width);

        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int at = (2 * y * pitch) + (2 * x);
                float[] four = [plane[at], plane[at + 1], plane[at + pitch], plane[at + pitch + 1]];
                Assert.AreEqual(Math.Max(0, four.Max()), pooled[(y * width) + x]);
                Assert.AreEqual(four.Max() > 0 ? Array.IndexOf(four, four.Max()) : 4, places[(y * width) + x]);
            }
        }
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(3, 7)]
    [DataRow(4, 8)]
    [DataRow(5, 21)]
    public void Unpool_AnySize_WritesEachGradientToItsPlaceAndZeroBesideIt(int height, int width)
    {
        const float Untouched = 77;
        int pitch = (2 * width) + 3;
        float[] gradient = Values(height * width, seed: 1);
        byte[] places = [.. gradient.Select((_, i) => (byte)(i % 5))];
        var plane = new float[2 * height * pitch];
        Array.Fill(plane, Untouched);

        fixed (float* p = plane, g = gradient)
        fixed (byte* c = places)
            PlaneKernels.Unpool(g, c, p, pitch, height, width);

        for (int y = 0; y < 2 * height; y++)
        {
            for (int x = 0; x < pitch; x++)
            {
                int from = (y / 2 * width) + (x / 2);
                float expected = x >= 2 * width ? Untouched : places[from] == ((y % 2) * 2) + (x % 2) ? gradient[from] : 0;
                Assert.AreEqual(expected, plane[(y * pitch) + x]);
            }
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(16)]
    public void Pool_OneValueIsNotANumber_GivesNotANumber(int width)
    {
        for (int place = 0; place < 4; place++)
        {
            float[] plane = Values(4 * width, seed: 3);
            plane[(place / 2 * 2 * width) + (place % 2)] = float.NaN;
            var pooled = new float[width];

            fixed (float* p = plane, r = pooled)
                PlaneKernels.Pool(p, 2 * width, r, null, 1, width);

            Assert.IsTrue(float.IsNaN(pooled[0]), $"The value in place {place} was lost.");
        }
    }

    [TestMethod]
    [DataRow(6, 16)]
    [DataRow(7, 37)]
    public void Split_AnySize_SortsRowsAndColumnsByParity(int height, int width)
    {
        float[] plane = Values(height * width, seed: 2);
        int pitch = (width + 1) / 2, stride = pitch * ((height + 1) / 2);
        var parts = new float[4 * stride];

        fixed (float* p = plane, r = parts)
            PlaneKernels.Split(p, height, width, r, stride, pitch);

        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                Assert.AreEqual(plane[(y * width) + x], parts[((((y % 2) * 2) + (x % 2)) * stride) + (y / 2 * pitch) + (x / 2)]);
        }
    }

    // There are few different values, so that equal values occur.
    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(-6, 4) / 2f)];
    }
}
