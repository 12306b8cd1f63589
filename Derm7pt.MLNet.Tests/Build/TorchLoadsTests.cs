using TorchSharp;

namespace Derm7pt.MLNet.Tests.Build;

[TestClass]
public sealed class TorchLoadsTests
{
    [TestMethod]
    public void Torch_InBuildOutput_AddsNumbers()
    {
        using torch.Tensor numbers = torch.arange(4);
        using torch.Tensor sum = numbers.sum();

        Assert.AreEqual(6, sum.item<long>());
    }
}
