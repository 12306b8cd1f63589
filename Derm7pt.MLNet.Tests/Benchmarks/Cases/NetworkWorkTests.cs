using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Tests.Benchmarks.Cases;

[TestClass]
public class NetworkWorkTests
{
    [TestMethod]
    public void GigaflopsPerImage_OneBlock_CountsByHand()
    {
        var shape = NetworkSpec.Gated([2, 3], [2], GateMode.Learned, gateSteepness: 3, dropout: 0);

        double work = NetworkWork.GigaflopsPerImage(shape, extent: 11);

        // 4×4 positions of a 5×5 convolution of 3 channels to 2·2; pooled to 2×2, mixed from 4 channels to 2·8; heads.
        double multiplyAdds = (16 * 25 * 3 * 4) + (4 * 4 * 16) + (2 * 8 * 8) + (8 * 5);
        Assert.AreEqual(2e-9 * multiplyAdds, work, 1e-15);
    }

    [TestMethod]
    public void GigaflopsPerImage_NetworkOfThePaper_IsATenthOfAGigaflop() =>
        Assert.AreEqual(0.107, NetworkWork.GigaflopsPerImage(Shapes.OfWidth(1), extent: 256), 0.001);
}
