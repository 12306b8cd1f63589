using Derm7pt.MLNet.Networks.Kernels;
using TorchSharp;
using static Derm7pt.MLNet.Tests.Networks.Kernels.FunctionChecks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Tests.Networks.Kernels;

/// <summary>Compares the kernel with torch's own operators in double precision.</summary>
[TestClass]
public sealed class AveragedMixingFunctionTests
{
    // The cases include images that share a plane, planes that are not full, images larger than a plane and channels that do not fill a register.
    [TestMethod]
    [DataRow(1, 1, 1, 1, 1, 1)]
    [DataRow(5, 2, 3, 4, 6, 6)]
    [DataRow(37, 3, 6, 5, 3, 4)]
    [DataRow(150, 2, 4, 8, 1, 1)]
    [DataRow(3, 8, 16, 8, 7, 5)]
    [DataRow(4, 2, 5, 7, 13, 17)]
    public void Apply_AnySizes_EqualsTorchInValuesAndGradients(int images, int tasks, int channels, int given, int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor features, Tensor mix) = (Parameter(images, channels, height, width), Parameter(tasks, given, channels + 1));
        (Tensor doubles, Tensor mixDoubles) = (Double(features), Double(mix));

        Tensor actual = AveragedMixingFunction.Apply(features, mix);
        Tensor expected = F.conv2d(
            doubles, mixDoubles.narrow(2, 0, channels).reshape(tasks * given, channels, 1, 1), mixDoubles.select(2, channels).reshape(-1))
            .relu().mean([2, 3]);
        Tensor weights = rand_like(expected);
        (expected * weights).sum().backward();
        (actual * weights.to(float32)).sum().backward();

        AssertClose(expected, actual, "values");
        AssertClose(doubles.grad!, features.grad!, "gradient of the features");
        AssertClose(mixDoubles.grad!, mix.grad!, "gradient of the weights");
    }

    [TestMethod]
    public void Apply_WithoutGradients_GivesTheSameValues()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor features, Tensor mix) = (Parameter(7, 6, 5, 5), Parameter(3, 8, 7));

        AssertSameWithoutGradients(() => AveragedMixingFunction.Apply(features, mix));
    }

    [TestMethod]
    [DoNotParallelize] // The number of threads is a global setting of torch.
    public void Apply_AnyNumberOfThreads_GivesTheSameBits()
    {
        using DisposeScope scope = NewDisposeScope();

        AssertSameForThreads([Parameter(97, 6, 6, 6), Parameter(3, 8, 7)], x => AveragedMixingFunction.Apply(x[0], x[1]));
    }

    // Images are adjacent in a plane, and one must not change another.
    [TestMethod]
    public void Apply_OneImageIsNotANumber_ShowsInItsAveragesOnly()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = rand(40, 4, 3, 3);
        features[17, 2] = double.NaN;

        Tensor averages = AveragedMixingFunction.Apply(features, rand(2, 8, 5));

        Assert.IsTrue(averages[17].isnan().all().ToBoolean());
        Assert.AreEqual(16, averages.isnan().sum().ToInt32());
    }

    [TestMethod]
    public void Apply_ForwardAndBackward_LeavesNoTensorBehind() =>
        AssertLeavesNothing(() => AveragedMixingFunction.Apply(Parameter(3, 6, 5, 5), Parameter(3, 8, 7)).sum().backward());

    private static Tensor Double(Tensor single) => single.detach().to(float64).requires_grad_();

    private static void AssertClose(Tensor expected, Tensor actual, string what)
    {
        CollectionAssert.AreEqual(expected.shape, actual.shape, what);
        double difference = (expected - actual.to(float64)).abs().max().ToDouble();
        // The comparison is written so that it also fails if a value is not a number.
        Assert.IsTrue(difference <= 1e-5 * expected.abs().max().ToDouble(), $"{what} differ by {difference}");
    }
}
