using System.Runtime.InteropServices;
using Derm7pt.MLNet.Inputs;

namespace Derm7pt.MLNet.Tests.Inputs;

[TestClass]
public sealed class PixelPlanesTests
{
    [TestMethod]
    public void Extract_AnyLength_AgreesWithEveryFourthByte()
    {
        var random = new Random(1);
        for (int length = 0; length < 150; length++)
        {
            var interleaved = new byte[4 * length];
            random.NextBytes(interleaved);
            ReadOnlySpan<uint> pixels = MemoryMarshal.Cast<byte, uint>(interleaved);
            for (int channel = 0; channel < 4; channel++)
            {
                byte[] expected = [.. interleaved.Where((_, i) => i % 4 == channel)];
                var bytes = new byte[length];
                var numbers = new float[length];

                PixelPlanes.Extract(pixels, 8 * channel, bytes);
                PixelPlanes.Extract(pixels, 8 * channel, PixelColumn.Scale, numbers);

                CollectionAssert.AreEqual(expected, bytes);
                // The product equals that of ExtractPixels bit for bit.
                CollectionAssert.AreEqual(expected.Select(value => value * PixelColumn.Scale).ToArray(), numbers);
            }
        }
    }
}
