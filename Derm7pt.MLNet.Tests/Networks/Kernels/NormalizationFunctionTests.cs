using Derm7pt.MLNet.Networks.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Tests.Networks.Kernels;

/// <summary>Compares the kernel with torch's batch normalization in double precision.</summary>
[TestClass]
public sealed class NormalizationFunctionTests
{
    private const double Momentum = 0.1, Epsilon = 1e-5;

    [TestMethod]
    [DataRow(1, 1, 1, 2)]
    [DataRow(5, 3, 4, 4)]
    [DataRow(4, 16, 7, 9)]
    [DataRow(9, 8, 30, 31)]
    public void Apply_AnySizes_EqualsTorchInValuesStatisticsAndGradients(int images, int channels, int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = ((rand(images, channels, height, width) * 3) + 20).requires_grad_(), weights = rand(images, channels, height, width);
        Tensor mean = rand(channels), variance = rand(channels) + 0.5;
        Tensor doubles = features.detach().to(float64).requires_grad_(), expectedMean = mean.to(float64), expectedVariance = variance.to(float64);

        Tensor actual = NormalizationFunction.Apply(features, mean, variance, Momentum, Epsilon);
        Tensor expected = F.batch_norm(doubles, expectedMean, expectedVariance, null, null, training: true, Momentum, Epsilon);
        (actual * weights).sum().backward();
        (expected * weights.to(float64)).sum().backward();

        AssertClose(expected, actual, "values");
        AssertClose(expectedMean, mean, "running means");
        AssertClose(expectedVariance, variance, "running variances");
        AssertClose(doubles.grad!, features.grad!, "gradients");
    }

    private static void AssertClose(Tensor expected, Tensor actual, string what) =>
        Assert.IsLessThan(1e-4, (expected - actual.to(float64)).abs().max().ToDouble(), what);
}
