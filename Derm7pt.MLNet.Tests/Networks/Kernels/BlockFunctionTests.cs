using Derm7pt.MLNet.Networks.Kernels;
using TorchSharp;
using static Derm7pt.MLNet.Tests.Networks.Kernels.FunctionChecks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Tests.Networks.Kernels;

/// <summary>Compares the kernel with torch's own operators in double precision.</summary>
[TestClass]
public sealed class BlockFunctionTests
{
    // The cases include odd and even extents, extents smaller than a vector, channels that do not fill a register, one image and many.
    [TestMethod]
    [DataRow(1, 2, 3, 1, 8, 9)]
    [DataRow(3, 3, 2, 3, 17, 12)]
    [DataRow(20, 2, 4, 5, 13, 30)]
    [DataRow(5, 8, 2, 4, 31, 31)]
    [DataRow(2, 4, 6, 9, 40, 37)]
    public void Apply_LaterBlock_EqualsTorchInValuesAndGradients(int images, int tasks, int channels, int given, int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        int mixed = 4 * channels, inputs = tasks * channels;
        Tensor input = Parameter(images, inputs, height, width), mix = Parameter(tasks, mixed, inputs + 1), kernel = Parameter(tasks * given, mixed, 3, 3);

        Tensor actual = BlockFunction.Apply(input, mix, kernel, tasks, stride: 1);
        Compare(
            actual, [input, mix, kernel],
            x => Pool(F.conv2d(
                F.relu(F.conv2d(x[0], x[1].narrow(2, 0, inputs).reshape(tasks * mixed, inputs, 1, 1), x[1].select(2, inputs).reshape(-1))),
                x[2], groups: tasks)));
    }

    [TestMethod]
    [DataRow(1, 8, 12, 12)]
    [DataRow(3, 16, 33, 40)]
    [DataRow(18, 3, 32, 21)]
    [DataRow(2, 6, 71, 64)]
    public void Apply_FirstBlock_EqualsTorchInValuesAndGradients(int images, int channels, int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor pixels = rand(images, 3, height, width), kernel = Parameter(channels, 3, 5, 5);

        Tensor actual = BlockFunction.Apply(pixels, mix: null, kernel, groups: 1, stride: 2);

        Compare(actual, [kernel], x => Pool(F.conv2d(pixels.to(float64), x[0], strides: [2, 2])));
    }

    [TestMethod]
    public void Apply_WithoutGradients_GivesTheSameValues()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor input, Tensor mix, Tensor kernel) = (Parameter(3, 6, 20, 20), Parameter(3, 8, 7), Parameter(9, 8, 3, 3));

        AssertSameWithoutGradients(() => BlockFunction.Apply(input, mix, kernel, 3, 1));
    }

    // A seed must give the same training result on any number of cores.
    [TestMethod]
    [DoNotParallelize] // The number of threads is a global setting of torch.
    public void Apply_AnyNumberOfThreads_GivesTheSameBits()
    {
        using DisposeScope scope = NewDisposeScope();

        AssertSameForThreads([Parameter(37, 6, 20, 20), Parameter(3, 8, 7), Parameter(9, 8, 3, 3)], x => BlockFunction.Apply(x[0], x[1], x[2], 3, 1));
    }

    [TestMethod]
    public void Apply_WeightThatIsNotANumber_ShowsInTheOutput()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor input, Tensor mix, Tensor kernel) = (rand(1, 4, 12, 12), rand(2, 8, 5), rand(2, 8, 3, 3));
        mix[0, 0, 0] = double.NaN;

        Tensor output = BlockFunction.Apply(input, mix, kernel, 2, 1);

        Assert.IsTrue(output.narrow(1, 0, 1).isnan().all().ToBoolean());
        Assert.IsFalse(output.narrow(1, 1, 1).isnan().any().ToBoolean());
    }

    [TestMethod]
    public void Supports_GradientOfPixelsOrDoublePrecision_LeavesThemToTorch()
    {
        using DisposeScope scope = NewDisposeScope();

        Assert.IsTrue(BlockFunction.Supports(zeros(1, 3, 8, 8), mixes: false));
        Assert.IsFalse(BlockFunction.Supports(zeros(1, 3, 8, 8, requires_grad: true), mixes: false));
        Assert.IsTrue(BlockFunction.Supports(zeros(1, 3, 8, 8, requires_grad: true), mixes: true));
        Assert.IsFalse(BlockFunction.Supports(zeros(1, 3, 8, 8, dtype: float64), mixes: true));
    }

    [TestMethod]
    public void Apply_ForwardAndBackward_LeavesNoTensorBehind() => AssertLeavesNothing(() =>
    {
        (Tensor input, Tensor mix, Tensor kernel) = (Parameter(3, 6, 20, 20), Parameter(3, 8, 7), Parameter(9, 8, 3, 3));
        BlockFunction.Apply(input, mix, kernel, 3, 1).sum().backward();
    });

    private static Tensor Pool(Tensor convolved) => F.max_pool2d(F.relu(convolved), 2, 2);

    private static void Compare(Tensor actual, Tensor[] parameters, Func<Tensor[], Tensor> literal)
    {
        Tensor[] twice = [.. parameters.Select(p => p.detach().to(float64).requires_grad_())];
        Tensor expected = literal(twice);
        CollectionAssert.AreEqual(expected.shape, actual.shape);
        Assert.IsLessThan(1e-5, RelativeDifference(expected, actual));

        Tensor weights = rand_like(expected);
        (expected * weights).sum().backward();
        (actual * weights.to(float32)).sum().backward();
        for (int i = 0; i < parameters.Length; i++)
            Assert.IsLessThan(1e-5, RelativeDifference(twice[i].grad!, parameters[i].grad!), $"Gradient {i}");
    }

    private static double RelativeDifference(Tensor expected, Tensor actual) =>
        (expected - actual.to(float64)).abs().max().ToDouble() / expected.abs().max().ToDouble();
}
