using Derm7pt.MLNet.Network;
using Derm7pt.MLNet.Persistence;
using Derm7pt.MLNet.Scoring;
using Google.Protobuf;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Network;

[TestClass]
public sealed class NetworkFoldingTests
{
    [TestMethod]
    [DataRow(GateMode.Learned)]
    [DataRow(GateMode.Closed)]
    public void Fold_TrainedNetwork_ScoresAsTorchDoes(GateMode gates)
    {
        const int Extent = 64, Count = 6;
        Taxonomy taxonomy = Taxonomy.Derm7pt;
        using DisposeScope scope = NewDisposeScope();
        using GatedMultiTaskNetwork network = Networks.Random(
            gates, shape: Networks.Shape(gates) with { LabelCounts = [.. taxonomy.Tasks.Select(task => task.Labels.Count)] });
        network.eval();
        Tensor pixels = Networks.Pixels(Count, Extent);

        using var scorer = new OnnxScorer(
            OnnxGraphWriter.Write(NetworkFolding.Fold(network, Extent, Extent), taxonomy).ToByteArray(), taxonomy, Extent, Extent);
        Prediction[] actual = scorer.Score(pixels.data<float>().ToArray(), Count);
        IReadOnlyList<Tensor> expected = network.forward(pixels).Logits;

        for (int task = 0; task < taxonomy.Tasks.Count; task++)
        {
            float[] scores = expected[task].softmax(1).data<float>().ToArray();
            float[] folded = [.. actual.SelectMany(prediction => prediction.Scores[task])];
            for (int i = 0; i < scores.Length; i++)
                Assert.AreEqual(scores[i], folded[i], 1e-5, $"task {task}, value {i}");
        }
    }

    [TestMethod]
    public void Fold_GateAlphas_AreThoseOfTheLiteralNetwork()
    {
        using DisposeScope scope = NewDisposeScope();
        using GatedMultiTaskNetwork network = Networks.Random(GateMode.Learned);
        Dictionary<string, Tensor> weights = network.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);

        FoldedNetwork folded = NetworkFolding.Fold(network, 64, 64);

        for (int block = 0; block < network.Shape.BlockCount; block++)
        {
            float[] expected = [.. Enumerable.Range(0, network.Shape.TaskCount)
                .SelectMany(task => LiteralNetwork.Alpha(weights, network.Shape, block, task).data<float>().ToArray())];
            TinyRun.AssertEqual([expected], [folded.GateAlphas[block].Values], 1e-6f);
        }
    }
}
