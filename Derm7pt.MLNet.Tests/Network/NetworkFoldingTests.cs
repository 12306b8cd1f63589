using Derm7pt.MLNet.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Network;

[TestClass]
public sealed class NetworkFoldingTests
{
    [TestMethod]
    [DataRow(GateMode.Learned)]
    [DataRow(GateMode.Closed)]
    public void Fold_AnyMode_ScoresAsTheLiteralNetwork(GateMode gates)
    {
        const int Extent = 64;
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        using GatedMultiTaskNetwork network = Networks.Random(gates);
        network.eval();
        Tensor pixels = Networks.Pixels(3, Extent);
        Tensor[] expected = LiteralNetwork.Forward(network, pixels, training: false);

        FoldedNetwork folded = NetworkFolding.Fold(network, Extent, Extent);

        for (int image = 0; image < 3; image++)
        {
            double[][] scores = Persistence.LiteralNetwork.Score(folded, pixels[image].contiguous().data<float>().ToArray());
            for (int task = 0; task < expected.Length; task++)
            {
                float[] literal = nn.functional.softmax(expected[task][image], 0).data<float>().ToArray();
                for (int label = 0; label < literal.Length; label++)
                    Assert.AreEqual(literal[label], scores[task][label], 1e-5);
            }
        }
    }

    [TestMethod]
    [DataRow(GateMode.Learned)]
    [DataRow(GateMode.Closed)]
    public void Fold_AnyMode_KeepsTheGatesOfTheNetwork(GateMode gates)
    {
        using GatedMultiTaskNetwork network = Networks.Random(gates);

        FoldedNetwork folded = NetworkFolding.Fold(network, 64, 64);

        for (int block = 0; block < network.Shape.BlockCount; block++)
        {
            using Tensor alphas = network.Sharing[block].Alphas();
            NamedTensor expected = NetworkState.ToNamedTensor("expected", alphas);
            CollectionAssert.AreEqual(expected.Shape, folded.GateAlphas[block].Shape);
            for (int i = 0; i < expected.Values.Length; i++)
                Assert.AreEqual(expected.Values[i], folded.GateAlphas[block].Values[i], 1e-6);
        }
    }
}
