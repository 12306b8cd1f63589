using Derm7pt.MLNet.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Network;

[TestClass]
public sealed class GatedMultiTaskNetworkTests
{
    // Single precision takes the kernel, double precision torch's operators, as every device but the processor does.
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
        using GatedMultiTaskNetwork network = Networks.Random(gates);
        network.train(training);
        network.to(type);
        Tensor pixels = Networks.Pixels(5, 64).to(type);

        Tensor[] expected = LiteralNetwork.Forward(network, pixels, training);
        IReadOnlyList<Tensor> actual = network.forward(pixels).Logits;

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
        using GatedMultiTaskNetwork network = Networks.Random(gates);
        network.to(type);
        network.train();
        Tensor pixels = Networks.Pixels(5, 64).to(type);

        Dictionary<string, Tensor> expected = Gradients(network, Objective(LiteralNetwork.Forward(network, pixels, training: true)));
        Dictionary<string, Tensor> actual = Gradients(network, Objective(network.forward(pixels).Logits));

        foreach ((string name, Tensor gradient) in expected)
            Assert.IsLessThan(1e-4, (actual[name] - gradient).abs().max().ToDouble(), name);
    }

    [TestMethod]
    public void Backward_ClosedGates_OneTasksLossDoesNotReachAnotherTasksWeights()
    {
        using DisposeScope scope = NewDisposeScope();
        using GatedMultiTaskNetwork network = Networks.Random(GateMode.Closed);
        NetworkShape shape = network.Shape;
        network.train();
        Tensor pixels = Networks.Pixels(4, 64);

        for (int task = 0; task < shape.TaskCount; task++)
        {
            Dictionary<string, Tensor> gradients = Gradients(network, network.forward(pixels).Logits[task].square().sum());
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
        using GatedMultiTaskNetwork network = Networks.Random(GateMode.Learned);
        network.train();

        Dictionary<string, Tensor> gradients = Gradients(network, network.forward(Networks.Pixels(4, 64)).Logits[0].square().sum());

        Assert.IsGreaterThan(0, BranchOf("blocks.0.kernel", gradients["blocks.0.kernel"], 3, network.Shape.TaskCount)!.abs().max().ToDouble());
    }

    [TestMethod]
    public void Alphas_NewNetwork_AreHalfAndOwnAreOne()
    {
        using DisposeScope scope = NewDisposeScope();
        using var network = new GatedMultiTaskNetwork(Networks.Shape(GateMode.Learned), seed: 3);
        foreach (FeatureSharing sharing in network.Sharing)
            AssertAlphas(sharing, network.Shape.TaskCount, others => others == 0.5f);
    }

    [TestMethod]
    public void Alphas_AnyA_AreInsideZeroToOneAndOwnAreExactlyOne()
    {
        using DisposeScope scope = NewDisposeScope();
        using GatedMultiTaskNetwork learned = Networks.Random(GateMode.Learned), closed = Networks.Random(GateMode.Closed);
        foreach (FeatureSharing sharing in learned.Sharing)
            AssertAlphas(sharing, learned.Shape.TaskCount, others => others is > 0 and < 1);
        foreach (FeatureSharing sharing in closed.Sharing)
            AssertAlphas(sharing, closed.Shape.TaskCount, others => others == 0);
    }

    // Counted by hand: 1,200 + 3,392 + 13,440 + 53,504 in the blocks, 66,048 + 33,280 + 1,560 in the heads, and
    // 8 · 7 · (2 + 4 + 8 + 16) = 1,680 gates.
    [TestMethod]
    public void ParameterCount_DefaultWidth_IsThatOfThePaper()
    {
        using var network = new GatedMultiTaskNetwork(
            new NetworkShape([5, 3, 2, 3, 3, 3, 3, 2], [2, 4, 8, 16], GateMode.Learned, 3, 0.3), seed: 1);
        Assert.AreEqual(172_424 + 1_680, network.ParameterCount);
    }

    [TestMethod]
    public void Constructor_SameSeed_SameWeights()
    {
        using var a = new GatedMultiTaskNetwork(Networks.Shape(GateMode.Learned), seed: 3);
        using var b = new GatedMultiTaskNetwork(Networks.Shape(GateMode.Learned), seed: 3);
        using var c = new GatedMultiTaskNetwork(Networks.Shape(GateMode.Learned), seed: 4);

        Assert.IsTrue(Equal(a, b));
        Assert.IsFalse(Equal(a, c));

        static bool Equal(GatedMultiTaskNetwork x, GatedMultiTaskNetwork y) =>
            NetworkState.Capture(x).Zip(NetworkState.Capture(y)).All(pair => pair.First.Values.SequenceEqual(pair.Second.Values));
    }

    [TestMethod]
    public void Restore_CapturedState_GivesTheSameLogits()
    {
        using DisposeScope scope = NewDisposeScope();
        using GatedMultiTaskNetwork source = Networks.Random(GateMode.Learned);
        using var target = new GatedMultiTaskNetwork(source.Shape, seed: 99);
        Tensor pixels = Networks.Pixels(2, 64);

        NetworkState.Restore(target, NetworkState.Capture(source));

        source.eval();
        target.eval();
        Assert.AreEqual(0, (source.forward(pixels).Logits[0] - target.forward(pixels).Logits[0]).abs().max().ToDouble());
    }

    [TestMethod]
    public void Restore_WrongShape_NamesTheTensorAndChangesNothing()
    {
        using GatedMultiTaskNetwork network = Networks.Random(GateMode.Learned);
        IReadOnlyList<NamedTensor> before = NetworkState.Capture(network);
        List<NamedTensor> state = [.. before.Select(t => t with { Values = [.. t.Values.Select(v => v + 1)] })];
        state[^3] = state[^3] with { Shape = [1, .. state[^3].Shape] };

        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => NetworkState.Restore(network, state));

        StringAssert.Contains(e.Message, state[^3].Name);
        foreach ((NamedTensor x, NamedTensor y) in before.Zip(NetworkState.Capture(network)))
            CollectionAssert.AreEqual(x.Values, y.Values);
    }

    [TestMethod]
    [DataRow(256, 6)]
    [DataRow(128, 2)]
    public void FinalExtent_ImageSize_IsThatOfTheNetwork(int image, int expected) =>
        Assert.AreEqual(expected, Networks.Shape(GateMode.Learned, [2, 4, 8, 16]).FinalExtent(image));

    [TestMethod]
    public void MinimumImageExtent_OneSmaller_LeavesNothing()
    {
        NetworkShape shape = Networks.Shape(GateMode.Learned, [2, 4, 8, 16]);
        Assert.IsGreaterThanOrEqualTo(1, shape.FinalExtent(shape.MinimumImageExtent));
        Assert.IsLessThan(1, shape.FinalExtent(shape.MinimumImageExtent - 1));
    }

    private static Tensor Objective(IReadOnlyList<Tensor> logits) =>
        stack(logits.Select((x, task) => (x * (task + 1)).square().mean()).ToArray()).sum();

    private static Dictionary<string, Tensor> Gradients(GatedMultiTaskNetwork network, Tensor loss)
    {
        network.zero_grad();
        loss.backward();
        return network.named_parameters().ToDictionary(
            p => p.name, p => p.parameter.grad is { } gradient ? gradient.clone() : zeros_like(p.parameter));
    }

    /// <summary>The part of a tensor that belongs to a task's branch.</summary>
    private static Tensor? BranchOf(string name, Tensor tensor, int task, int tasks)
    {
        if (name.StartsWith("heads.logits", StringComparison.Ordinal))
            return name.EndsWith($".{task}", StringComparison.Ordinal) ? tensor : null;
        long rows = tensor.shape[0] / tasks;
        return tensor.narrow(0, task * rows, rows);
    }

    private static bool Owns(string name, int task) =>
        !name.StartsWith("heads.logits", StringComparison.Ordinal) || name.EndsWith($".{task}", StringComparison.Ordinal);

    private static void AssertAlphas(FeatureSharing sharing, int tasks, Func<float, bool> others)
    {
        float[] alphas = NetworkState.ToNamedTensor("", sharing.Alphas()).Values;
        int channels = alphas.Length / tasks / tasks;
        for (int i = 0; i < alphas.Length; i++)
        {
            (int taking, int giving) = (i / (tasks * channels), i / channels % tasks);
            Assert.IsTrue(taking == giving ? alphas[i] == 1 : others(alphas[i]), $"α of {taking} for {giving} is {alphas[i]}");
        }
    }
}
