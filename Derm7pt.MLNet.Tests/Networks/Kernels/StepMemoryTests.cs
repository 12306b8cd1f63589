using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Networks.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Networks.Kernels;

[TestClass]
public sealed class StepMemoryTests
{
    private static readonly long[] Large = [600, 600];

    [TestMethod]
    public unsafe void Empty_NextStep_TakesTheMemoryOfTheLastOne()
    {
        using var memory = new StepMemory();

        (nint First, nint Second)[] steps = [.. Enumerable.Range(0, 3).Select(_ => Step())];

        Assert.AreNotEqual(steps[0].First, steps[0].Second);
        foreach ((nint first, nint second) in steps[1..])
            CollectionAssert.AreEquivalent(new[] { steps[0].First, steps[0].Second }, new[] { first, second });

        (nint, nint) Step()
        {
            using IDisposable step = memory.BeginStep();
            using DisposeScope scope = NewDisposeScope();
            return (Address(StepMemory.Empty(Large, float32)), Address(StepMemory.Empty(Large, float32)));
        }
    }

    [TestMethod]
    public unsafe void Release_GradientThatIsRead_GivesItsMemoryWithinTheStep()
    {
        using var memory = new StepMemory();
        using IDisposable step = memory.BeginStep();
        using DisposeScope scope = NewDisposeScope();
        Tensor first = StepMemory.Empty(Large, float32);

        StepMemory.Release(first);

        Assert.AreEqual(Address(first), Address(StepMemory.Empty(Large, float32)));
        Assert.AreNotEqual(Address(first), Address(StepMemory.Empty(Large, float32)));
    }

    // In the step of a whole network, allocations in addition to the kept memory must be small, or the operating system maps them in every step.
    [TestMethod]
    public unsafe void TrainingStep_WholeNetwork_LeavesNoTensorOfAnEarlierStepAlive()
    {
        NetworkSpec spec = NetworkSpec.Gated([3, 2], [4, 6], GateMode.Learned, 100, 0.5);
        using var generator = new Generator(1);
        using var network = new TorchNetwork(spec, seed: 1) { IsTraining = true, DropoutGenerator = generator };
        using var memory = new StepMemory();
        Step();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Step();
        Step();

        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Step()
        {
            using IDisposable step = memory.BeginStep();
            using DisposeScope scope = NewDisposeScope();
            stack(network.Forward(rand(20, 3, 96, 96)).Logits.Select(logits => logits.square().sum())).sum().backward();
        }
    }

    private static unsafe nint Address(Tensor tensor) => (nint)TensorMemory.Bytes(tensor);
}
