using System.Text.Json;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Networks;
using TorchSharp;

namespace Derm7pt.MLNet.Tests.Networks;

[TestClass]
public sealed class NetworkSpecTests
{
    [TestMethod]
    [DataRow(GateMode.Learned, new[] { 2, 3, 4 })]
    [DataRow(GateMode.Closed, new[] { 1, 1 })]
    [DataRow(GateMode.Learned, new[] { 5 })]
    public void Parameters_AnyNetwork_AreTheTensorsOfItsState(GateMode gates, int[] filters)
    {
        NetworkSpec spec = TestNetworks.Spec(gates, filters);
        using TorchNetwork network = TestNetworks.Random(gates, spec: spec);

        ParameterSpec[] parameters = [.. spec.Parameters()];

        IReadOnlyList<NamedTensor> state = network.Capture();
        CollectionAssert.AreEqual(state.Select(tensor => tensor.Name).ToArray(), parameters.Select(parameter => parameter.Name).ToArray());
        CollectionAssert.AllItemsAreUnique(parameters.Select(parameter => parameter.Name).ToArray());
        foreach ((NamedTensor tensor, ParameterSpec parameter) in state.Zip(parameters))
        {
            CollectionAssert.AreEqual(parameter.Shape, tensor.Shape, tensor.Name);
            Assert.HasCount((int)parameter.Count, tensor.Values);
            Assert.AreEqual(parameter.IsLearned, network[parameter.Name].requires_grad, parameter.Name);
        }
    }

    // The owners are compared with the tensors that have a gradient of one task's loss while gates are closed.
    [TestMethod]
    public void Parameters_Owners_AreTheTasksWhoseLossReachesThem()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using TorchNetwork network = TestNetworks.Random(GateMode.Closed);
        network.IsTraining = true;
        int tasks = network.Spec.TaskCount;
        for (int task = 0; task < tasks; task++)
        {
            foreach (TorchParameter parameter in network.Trained)
                parameter.Tensor.grad = null;
            network.Forward(TestNetworks.Pixels(4, 64)).Logits[task].square().sum().backward();
            foreach (TorchParameter parameter in network.Trained)
            {
                bool reached = parameter.Tensor.grad is { } gradient && gradient.abs().max().ToDouble() > 0;
                Assert.IsFalse(parameter.Spec.Owner.IsShared, parameter.Name);
                if (!parameter.Spec.Owner.Includes(task))
                    Assert.IsFalse(reached, $"task {task} reaches {parameter.Name}");
                else if (parameter.Spec.Role == ParameterRole.Kernel)
                    Assert.IsTrue(reached, $"task {task} does not reach {parameter.Name}");
            }
        }
    }

    [TestMethod]
    public void Json_AnyNetwork_IsReadBackEqual()
    {
        NetworkSpec spec = TestNetworks.Spec(GateMode.Closed) with { Heads = new ParallelHeads(0.125) };

        string json = JsonSerializer.Serialize(spec, NetworkJson.Default.NetworkSpec);

        Assert.AreEqual(spec, JsonSerializer.Deserialize(json, NetworkJson.Default.NetworkSpec));
        Assert.AreNotEqual(spec, spec with { Blocks = spec.Blocks.SetItem(0, spec.Blocks[0] with { Stride = 3 }) });
        StringAssert.Contains(json, "\"sharing\":{\"kind\":\"gates\",\"mode\":\"Closed\",\"steepness\":3}");
    }

    [TestMethod]
    public void Problems_ImpossibleSettings_NamesAllOfThem()
    {
        NetworkSpec spec = TestNetworks.Spec(GateMode.Learned) with { Heads = new ParallelHeads(1), Sharing = new GateSharing((GateMode)7, double.NaN) };

        CollectionAssert.AreEqual(
            new[] { "Gates must be Learned or Closed, got 7.", "GateSteepness must be positive, got NaN.", "Dropout must be in [0, 1), got 1." },
            spec.Problems().ToArray());
        Assert.IsEmpty(TestNetworks.Spec(GateMode.Learned).Problems());
    }
}
