using Derm7pt.MLNet.Network;

namespace Derm7pt.MLNet.Tests.Network;

[TestClass]
public sealed class NetworkStateLayoutTests
{
    [TestMethod]
    [DataRow(GateMode.Learned, new[] { 2, 3, 4 })]
    [DataRow(GateMode.Closed, new[] { 1, 1 })]
    [DataRow(GateMode.Learned, new[] { 5 })]
    public void Shapes_AnyNetwork_AreThoseOfItsState(GateMode gates, int[] filters)
    {
        using GatedMultiTaskNetwork network = Networks.Random(gates, shape: Networks.Shape(gates, filters));

        var shapes = NetworkStateLayout.Shapes(network.Shape);

        IReadOnlyList<NamedTensor> state = NetworkState.Capture(network);
        CollectionAssert.AreEquivalent(state.Select(tensor => tensor.Name).ToArray(), shapes.Keys.ToArray());
        foreach (NamedTensor tensor in state)
            CollectionAssert.AreEqual(tensor.Shape, shapes[tensor.Name], tensor.Name);
        Assert.AreEqual(network.ParameterCount, NetworkStateLayout.ParameterCount(network.Shape));
    }
}
