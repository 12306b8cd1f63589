using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Networks;

[TestClass]
public sealed class TorchNetworkTests
{
    // Single precision on the processor uses the kernel; double precision and other devices use torch's operators.
    [TestMethod]
    [DataRow(GateMode.Learned, true, ScalarType.Float32)]
    [DataRow(GateMode.Learned, false, ScalarType.Float32)]
    [DataRow(GateMode.Closed, true, ScalarType.Float32)]
    [DataRow(GateMode.Closed, false, ScalarType.Float32)]
    [DataRow(GateMode.Learned, true, ScalarType.Float64)]
    [DataRow(GateMode.Closed, false, ScalarType.Float64)]
    public void Forward_AnyMode_EqualsLiteralNetwork(GateMode gates, bool training, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = TestNetworks.Random(gates, type: type);
        network.IsTraining = training;
        Tensor pixels = TestNetworks.Pixels(5, 64).to(type);

        Tensor[] expected = LiteralNetwork.Forward(network, pixels, training);
        IReadOnlyList<Tensor> actual = network.Forward(pixels).Logits;

        Assert.HasCount(expected.Length, actual);
        for (int task = 0; task < expected.Length; task++)
            Assert.IsLessThan(1e-5, (actual[task] - expected[task]).abs().max().ToDouble(), $"task {task}");
    }

    [TestMethod]
    [DataRow(GateMode.Learned, ScalarType.Float32)]
    [DataRow(GateMode.Closed, ScalarType.Float32)]
    [DataRow(GateMode.Learned, ScalarType.Float64)]
    public void Backward_TrainingMode_GradientsEqualLiteralNetwork(GateMode gates, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = TestNetworks.Random(gates, type: type);
        network.IsTraining = true;
        Tensor pixels = TestNetworks.Pixels(5, 64).to(type);

        Dictionary<string, Tensor> expected = Gradients(network, Objective(LiteralNetwork.Forward(network, pixels, training: true)));
        Dictionary<string, Tensor> actual = Gradients(network, Objective(network.Forward(pixels).Logits));

        foreach ((string name, Tensor gradient) in expected)
            Assert.IsLessThan(1e-4, (actual[name] - gradient).abs().max().ToDouble(), name);
    }

    [TestMethod]
    public void Backward_ClosedGates_OneTasksLossDoesNotReachAnotherTasksWeights()
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = TestNetworks.Random(GateMode.Closed);
        NetworkSpec shape = network.Spec;
        network.IsTraining = true;
        Tensor pixels = TestNetworks.Pixels(4, 64);

        for (int task = 0; task < shape.TaskCount; task++)
        {
            Dictionary<string, Tensor> gradients = Gradients(network, network.Forward(pixels).Logits[task].square().sum());
            foreach ((string name, Tensor gradient) in gradients)
            {
                for (int other = 0; other < shape.TaskCount; other++)
                {
                    double reached = BranchOf(name, gradient, other, shape.TaskCount) is { } part ? part.abs().max().ToDouble() : 0;
                    if (other == task)
                        Assert.IsTrue(reached > 0 || !Owns(name, other), $"task {task} must learn its own {name}");
                    else
                        Assert.AreEqual(0, reached, $"task {task} reaches task {other} in {name}");
                }
            }
        }
    }

    [TestMethod]
    public void Backward_LearnedGates_OneTasksLossReachesAnotherTasksWeights()
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = TestNetworks.Random(GateMode.Learned);
        network.IsTraining = true;

        Dictionary<string, Tensor> gradients = Gradients(network, network.Forward(TestNetworks.Pixels(4, 64)).Logits[0].square().sum());

        Assert.IsGreaterThan(0, BranchOf("blocks.0.kernel", gradients["blocks.0.kernel"], 3, network.Spec.TaskCount)!.abs().max().ToDouble());
    }

    [TestMethod]
    public void Alphas_NewNetwork_AreHalfAndOwnAreOne()
    {
        using DisposeScope scope = NewDisposeScope();
        using var network = new TorchNetwork(TestNetworks.Spec(GateMode.Learned), seed: 3);
        for (int block = 0; block < network.Spec.BlockCount; block++)
            AssertAlphas(network, block, others => others == 0.5f);
    }

    [TestMethod]
    public void Alphas_AnyA_AreInsideZeroToOneAndOwnAreExactlyOne()
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork learned = TestNetworks.Random(GateMode.Learned), closed = TestNetworks.Random(GateMode.Closed);
        for (int block = 0; block < learned.Spec.BlockCount; block++)
            AssertAlphas(learned, block, others => others is > 0 and < 1);
        for (int block = 0; block < closed.Spec.BlockCount; block++)
            AssertAlphas(closed, block, others => others == 0);
    }

    // Counted by hand: 1,200 + 3,392 + 13,440 + 53,504 in the blocks, 66,048 + 33,280 + 1,560 in the heads, and
    // 8 · 7 · (2 + 4 + 8 + 16) = 1,680 gates.
    [TestMethod]
    public void ParameterCount_DefaultWidth_IsThatOfThePaper()
    {
        using var network = new TorchNetwork(
            NetworkSpec.Gated([5, 3, 2, 3, 3, 3, 3, 2], [2, 4, 8, 16], GateMode.Learned, 3, 0.3), seed: 1);
        Assert.AreEqual(172_424 + 1_680, network.Spec.LearnedCount);
    }

    [TestMethod]
    public void Constructor_SameSeed_SameWeights()
    {
        using var a = new TorchNetwork(TestNetworks.Spec(GateMode.Learned), seed: 3);
        using var b = new TorchNetwork(TestNetworks.Spec(GateMode.Learned), seed: 3);
        using var c = new TorchNetwork(TestNetworks.Spec(GateMode.Learned), seed: 4);

        Assert.IsTrue(Equal(a, b));
        Assert.IsFalse(Equal(a, c));

        static bool Equal(TorchNetwork x, TorchNetwork y) =>
            x.Capture().Zip(y.Capture()).All(pair => pair.First.Values.SequenceEqual(pair.Second.Values));
    }

    [TestMethod]
    public void Restore_CapturedState_GivesTheSameLogits()
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork source = TestNetworks.Random(GateMode.Learned);
        using var target = new TorchNetwork(source.Spec, seed: 99);
        Tensor pixels = TestNetworks.Pixels(2, 64);

        target.Restore(source.Capture());

        source.IsTraining = false;
        target.IsTraining = false;
        Assert.AreEqual(0, (source.Forward(pixels).Logits[0] - target.Forward(pixels).Logits[0]).abs().max().ToDouble());
    }

    [TestMethod]
    public void Restore_WrongShape_NamesTheTensorAndChangesNothing()
    {
        using TorchNetwork network = TestNetworks.Random(GateMode.Learned);
        IReadOnlyList<NamedTensor> before = network.Capture();
        List<NamedTensor> state = [.. before.Select(t => t with { Values = [.. t.Values.Select(v => v + 1)] })];
        state[^3] = state[^3] with { Shape = [1, .. state[^3].Shape] };

        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => network.Restore(state));

        StringAssert.Contains(e.Message, state[^3].Name);
        foreach ((NamedTensor x, NamedTensor y) in before.Zip(network.Capture()))
            CollectionAssert.AreEqual(x.Values, y.Values);
    }

    [TestMethod]
    [DataRow(256, 6)]
    [DataRow(128, 2)]
    public void FinalExtent_ImageSize_IsThatOfTheNetwork(int image, int expected) =>
        Assert.AreEqual(expected, TestNetworks.Spec(GateMode.Learned, [2, 4, 8, 16]).Extents(image)[^1]);

    [TestMethod]
    public void MinimumImageExtent_OneSmaller_LeavesNothing()
    {
        NetworkSpec shape = TestNetworks.Spec(GateMode.Learned, [2, 4, 8, 16]);
        Assert.IsTrue(shape.Accepts(shape.MinimumImageExtent));
        Assert.IsFalse(shape.Accepts(shape.MinimumImageExtent - 1));
    }

    private static Tensor Objective(IReadOnlyList<Tensor> logits) =>
        stack(logits.Select((x, task) => (x * (task + 1)).square().mean()).ToArray()).sum();

    private static Dictionary<string, Tensor> Gradients(TorchNetwork network, Tensor loss)
    {
        foreach (TorchParameter parameter in network.Trained)
            parameter.Tensor.grad = null;
        loss.backward();
        return network.Trained.ToDictionary(p => p.Name, p => p.Tensor.grad is { } gradient ? gradient.clone() : zeros_like(p.Tensor));
    }

    /// <summary>Gets the part of a tensor that belongs to a task's branch.</summary>
    private static Tensor? BranchOf(string name, Tensor tensor, int task, int tasks)
    {
        if (name.StartsWith("heads.logits", StringComparison.Ordinal))
            return name.EndsWith($".{task}", StringComparison.Ordinal) ? tensor : null;
        long rows = tensor.shape[0] / tasks;
        return tensor.narrow(0, task * rows, rows);
    }

    private static bool Owns(string name, int task) =>
        !name.StartsWith("heads.logits", StringComparison.Ordinal) || name.EndsWith($".{task}", StringComparison.Ordinal);

    private static void AssertAlphas(TorchNetwork network, int block, Func<float, bool> others)
    {
        float[] alphas = network.Alphas(block).ToNamedTensor("").Values;
        int tasks = network.Spec.TaskCount, channels = alphas.Length / tasks / tasks;
        for (int i = 0; i < alphas.Length; i++)
        {
            (int taking, int giving) = (i / (tasks * channels), i / channels % tasks);
            Assert.IsTrue(taking == giving ? alphas[i] == 1 : others(alphas[i]), $"α of {taking} for {giving} is {alphas[i]}");
        }
    }
}
