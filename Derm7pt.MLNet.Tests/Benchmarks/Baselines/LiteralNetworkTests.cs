using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tests.Networks;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
using LiteralNetwork = Derm7pt.MLNet.Benchmarks.Baselines.LiteralNetwork;

namespace Derm7pt.MLNet.Tests.Benchmarks.Baselines;

[TestClass]
public class LiteralNetworkTests
{
    private const int Cases = 3, Extent = 48;

    [TestMethod]
    [DataRow(GateMode.Learned, true)]
    [DataRow(GateMode.Learned, false)]
    [DataRow(GateMode.Closed, true)]
    public void Forward_WeightsOfTheLibrary_GivesItsLogits(GateMode gates, bool training)
    {
        using DisposeScope scope = NewDisposeScope();
        (TorchNetwork network, LiteralNetwork literal) = Create(gates, training);
        Tensor pixels = TestNetworks.Pixels(Cases, Extent);

        foreach ((Tensor ours, Tensor theirs) in network.Forward(pixels).Logits.Zip(literal.forward(pixels.to(float64))))
            Assert.IsLessThan(1e-3, Difference(ours, theirs));
    }

    [TestMethod]
    [DataRow(GateMode.Learned)]
    [DataRow(GateMode.Closed)]
    public void Forward_WeightsOfTheLibrary_HasItsGradients(GateMode gates)
    {
        using DisposeScope scope = NewDisposeScope();
        (TorchNetwork network, LiteralNetwork literal) = Create(gates, training: true);
        Tensor pixels = TestNetworks.Pixels(Cases, Extent);

        Loss(network.Forward(pixels).Logits).backward();
        Loss(literal.forward(pixels.to(float64))).backward();

        Dictionary<string, Tensor> gradients = network.Trained.ToDictionary(p => p.Name, p => p.Tensor.grad!);
        (TorchSharp.Modules.Parameter Own, Tensor Theirs)[] pairs = [.. literal.Match(name => gradients[name])];
        Assert.HasCount(literal.parameters().Count(), pairs);
        foreach ((TorchSharp.Modules.Parameter own, Tensor theirs) in pairs)
            Assert.IsLessThan(1e-3 * Math.Max(1, theirs.abs().max().ToDouble()), Difference(own.grad!, theirs.reshape(own.shape)));
    }

    private static (TorchNetwork Network, LiteralNetwork Literal) Create(GateMode gates, bool training)
    {
        TorchNetwork network = TestNetworks.Random(gates, spec: TestNetworks.Spec(gates) with { Heads = new ParallelHeads(Dropout: 0) });
        LiteralNetwork literal = new LiteralNetwork(network.Spec).CopyFrom(network);
        network.IsTraining = training;
        // In single precision libtorch's convolutions are wrong at random on some processors.
        literal.to(float64);
        literal.train(training);
        return (network, literal);
    }

    private static Tensor Loss(IReadOnlyList<Tensor> logits) =>
        stack([.. logits.Select(x => F.cross_entropy(x, zeros(Cases, dtype: int64)))]).sum();

    private static double Difference(Tensor a, Tensor b) => (a - b).abs().max().ToDouble();
}
