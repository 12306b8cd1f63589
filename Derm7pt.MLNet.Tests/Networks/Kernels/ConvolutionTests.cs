using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Networks.Kernels;
using TorchSharp;
using static Derm7pt.MLNet.Tests.Networks.Kernels.FunctionChecks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Tests.Networks.Kernels;

/// <summary>
/// Compares the convolutions that the library computes in single precision with torch's in double precision: values and all gradients,
/// repeatedly, since libtorch's own convolution in single precision is wrong at random if there are few channels.
/// </summary>
[TestClass]
public sealed class ConvolutionTests
{
    private const int Repetitions = 12;

    [TestMethod]
    [DataRow(8, 4, 3, 15, 1, 1)]
    [DataRow(16, 8, 3, 6, 1, 1)]
    [DataRow(16, 8, 3, 15, 1, 1)]
    [DataRow(3, 16, 5, 21, 2, 1)]
    [DataRow(4, 2, 5, 17, 2, 1)]
    // The gradient of the input is needed in Grad-CAM and in a block that follows a trained encoder.
    [DataRow(3, 2, 5, 32, 2, 1)]
    [DataRow(3, 16, 5, 31, 2, 1)]
    [DataRow(3, 8, 3, 15, 1, 1)]
    [DataRow(1, 1, 3, 3, 1, 1)]
    [DataRow(8, 4, 1, 7, 2, 2)]
    [DataRow(2, 2, 2, 16, 2, 1)]
    [DataRow(8, 8, 1, 9, 1, 1)]
    [DataRow(24, 12, 1, 7, 1, 1)]
    [DataRow(32, 16, 3, 14, 1, 8)]
    [DataRow(64, 32, 3, 8, 1, 8)]
    [DataRow(6, 6, 3, 11, 1, 3)]
    [DataRow(5, 1, 4, 10, 3, 1)]
    public void Apply_FewChannels_EqualsDoublePrecisionEveryTime(int inputs, int outputs, int size, int extent, int stride, int groups)
    {
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor input = Parameter(5, inputs, extent, extent), kernel = Parameter(outputs, inputs / groups, size, size), bias = Parameter(outputs);
            Compare(
                [input, kernel, bias],
                x => Convolution.Apply(x[0], x[1], x[2], stride, groups),
                x => F.conv2d(x[0], x[1], x[2], strides: [stride, stride], groups: groups));
        }
    }

    [TestMethod]
    public void Apply_InputThatIsNotContiguous_EqualsDoublePrecision()
    {
        using DisposeScope scope = NewDisposeScope();
        Compare(
            [Parameter(3, 9, 8, 4), Parameter(6, 4, 1, 1)],
            x => Convolution.Apply(x[0].permute(0, 3, 1, 2), x[1]),
            x => F.conv2d(x[0].permute(0, 3, 1, 2), x[1]));
    }

    [TestMethod]
    // The cases are those of a ResNet-18, 1x1 with a stride, depthwise, dilated, padded on one side only, and with padding that reaches past the last position.
    [DataRow(64, 64, 3, 14, 1, 1, 1, 1, 1)]
    [DataRow(64, 128, 3, 14, 2, 1, 1, 0, 1)]
    [DataRow(64, 128, 1, 14, 2, 1, 0, 0, 1)]
    [DataRow(3, 64, 7, 32, 2, 1, 3, 2, 1)]
    [DataRow(256, 256, 3, 7, 1, 1, 1, 1, 1)]
    [DataRow(32, 32, 3, 9, 1, 32, 1, 1, 1)]
    [DataRow(16, 24, 1, 9, 1, 1, 0, 0, 1)]
    [DataRow(8, 12, 3, 13, 1, 4, 0, 2, 2)]
    [DataRow(64, 32, 3, 11, 2, 1, 0, 1, 1)]
    public void Apply_WindowsOfEncoders_EqualsDoublePrecisionEveryTime(
        int inputs, int outputs, int size, int extent, int stride, int groups, int before, int after, int dilation)
    {
        var window = new SlidingWindow(size, size, stride, stride, before, before, after, after, dilation, dilation);
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor input = Parameter(4, inputs, extent, extent), kernel = Parameter(outputs, inputs / groups, size, size), bias = Parameter(outputs);
            Compare(
                [input, kernel, bias],
                x => Convolution.Apply(x[0], x[1], x[2], window, groups),
                x => F.conv2d(
                    F.pad(x[0], [before, after, before, after]), x[1], x[2], strides: [stride, stride], dilation: [dilation, dilation], groups: groups));
        }
    }

    // Devices without the kernel, and a first block whose features have a gradient, use this path.
    [TestMethod]
    [DataRow(2, 1, 8)]
    [DataRow(2, 3, 15)]
    [DataRow(4, 2, 21)]
    public void Forward_BlockThatTakesNoKernel_EqualsDoublePrecisionEveryTime(int tasks, int filters, int extent)
    {
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            using DisposeScope scope = NewDisposeScope();
            NetworkSpec spec = NetworkSpec.Gated(Enumerable.Repeat(2, tasks), [filters], GateMode.Closed, 3, 0) with
            {
                Blocks = [new ConvolutionBlock(filters, KernelSize: 3, Stride: 1)],
            };
            using var single = new TorchNetwork(spec, seed: repetition);
            using var reference = new TorchNetwork(spec, seed: repetition, type: ScalarType.Float64);
            Tensor features = Parameter(3, 3, extent, extent), doubles = features.detach().to(float64).requires_grad_();
            Assert.IsFalse(BlockFunction.Supports(features, mixes: false), "the kernel must not be what is tested");

            Tensor actual = spec.Blocks[0].Forward(single.Scope("blocks.0"), features);
            Tensor expected = spec.Blocks[0].Forward(reference.Scope("blocks.0"), doubles);
            actual.sum().backward();
            expected.sum().backward();

            AssertClose(expected, actual, "values");
            AssertClose(doubles.grad!, features.grad!, "gradient of the features");
            AssertClose(reference["blocks.0.kernel"].grad!, single["blocks.0.kernel"].grad!, "gradient of the kernel");
        }
    }

    private static void Compare(Tensor[] inputs, Func<Tensor[], Tensor> actualOf, Func<Tensor[], Tensor> expectedOf)
    {
        Tensor[] doubles = [.. inputs.Select(input => input.detach().to(float64).requires_grad_())];
        Tensor actual = actualOf(inputs), expected = expectedOf(doubles);
        Tensor weights = rand_like(actual);
        (actual * weights).sum().backward();
        (expected * weights.to(float64)).sum().backward();

        AssertClose(expected, actual, "values");
        for (int i = 0; i < inputs.Length; i++)
            AssertClose(doubles[i].grad!, inputs[i].grad!, $"gradient {i}");
    }

    private static void AssertClose(Tensor expected, Tensor actual, string what)
    {
        CollectionAssert.AreEqual(expected.shape, actual.shape, what);
        double difference = (expected - actual.to(float64)).abs().max().ToDouble();
        // The comparison is written so that it also fails if a value is not a number.
        Assert.IsTrue(difference < 1e-4 * Math.Max(1, expected.abs().max().ToDouble()), $"{what} differ by {difference}");
    }
}
