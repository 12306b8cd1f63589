using System.Text.Json.Nodes;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Interpretation;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Tests.Models;
using Microsoft.ML;

namespace Derm7pt.MLNet.Tests.Interpretation;

[TestClass]
public sealed class GateInterpretationTests
{
    private const int Tasks = 8;

    // By hand: one channel at 0.2, then three at 0.5, 0.7 and 0.9. Block 1: 20 %, block 2: 70 %, together 2.3 / 4 = 57.5 %; a mean
    // of the blocks would be 45 %. Above 0.7 (inclusive) lie two of the four.
    [TestMethod]
    public void Overall_BlocksOfOneAndThreeChannels_WeighsByChannels()
    {
        GateInterpretation gates = Gates(
            [1, 3], (block, taking, giving, channel) => taking == giving ? 1 : block == 0 ? 0.2f : 0.5f + (0.2f * channel));

        Assert.AreEqual(20, gates.Block(0)[1, 2], 1e-5);
        Assert.AreEqual(70, gates.Block(1)[1, 2], 1e-5);
        Assert.AreEqual(57.5, gates.Overall()[1, 2], 1e-5);
        Assert.AreEqual(50, gates.Overall(threshold: 0.69)[1, 2], 1e-12);
        Assert.AreEqual(25, gates.Overall(threshold: 0.9f)[1, 2], 1e-12);
        Assert.AreEqual(0, gates.Block(0, threshold: 0.5)[1, 2]);
        Assert.AreEqual(("block 2", 1, "all blocks"), (gates.Block(1).Name, gates.Block(1).Block, gates.Overall().Name));
        for (int task = 0; task < Tasks; task++)
            Assert.AreEqual((100, 100), (gates.Overall()[task, task], gates.Overall(threshold: 1)[task, task]));
    }

    // Oracle: the definition, entry by entry, on random gates.
    [TestMethod]
    public void Block_RandomGates_IsTheMeanAlpha()
    {
        var random = new Random(1);
        int[] channels = [2, 4, 8, 16];
        float[][] alphas = [.. channels.Select(c => Enumerable.Range(0, Tasks * Tasks * c).Select(_ => random.NextSingle()).ToArray())];
        var gates = new GateInterpretation(Taxonomy.Derm7pt, channels, alphas, history: null);

        for (int taking = 0; taking < Tasks; taking++)
        {
            for (int giving = 0; giving < Tasks; giving++)
            {
                var all = new List<float>();
                for (int block = 0; block < 4; block++)
                {
                    int count = channels[block], first = (taking * Tasks * count) + (giving * count);
                    float[] own = [.. Enumerable.Range(first, count).Select(i => alphas[block][i])];
                    all.AddRange(own);
                    CollectionAssert.AreEqual(own, gates.Alphas(block, taking, giving).ToArray());
                    Assert.AreEqual(100 * own.Average(a => (double)a), gates.Block(block)[taking, giving], 1e-9);
                    Assert.AreEqual(100.0 * own.Count(a => a >= 0.3) / own.Length, gates.Block(block, 0.3)[taking, giving], 1e-9);
                }

                Assert.AreEqual(100 * all.Average(a => (double)a), gates.Overall()[taking, giving], 1e-9);
            }
        }

        Assert.IsEmpty(gates.Epochs);
    }

    [TestMethod]
    public void Overall_ClosedGates_SharesNothing()
    {
        SharingMatrix sharing = Gates([2, 4], (_, taking, giving, _) => taking == giving ? 1 : 0).Overall();

        Assert.AreEqual(0, sharing.MeanSharing);
        for (int task = 0; task < Tasks; task++)
            Assert.AreEqual((0, 0, 100), (sharing.Taken(task), sharing.Given(task), sharing[task, task]));
        Assert.IsEmpty(sharing.ToGraph(cut: 0).Edges);
    }

    // The history contains the means over channels of each epoch; if those of the last epoch equal those of the gates, so do its matrices.
    [TestMethod]
    public void Epochs_History_WeighsByChannels()
    {
        float[] Mean(float value) => [.. Enumerable.Range(0, Tasks * Tasks).Select(i => i / Tasks == i % Tasks ? 1f : value)];
        float[][] Means(float shift) => [Mean(0.1f + shift), Mean(0.4f + shift)];
        var history = new TrainingHistory(
            [new EpochMetrics(1, 1, null, Means(0.5f), TimeSpan.Zero), new EpochMetrics(2, 1, null, Means(0), TimeSpan.Zero)], 2);

        GateInterpretation gates = Gates([1, 2], (block, taking, giving, _) => taking == giving ? 1 : block == 0 ? 0.1f : 0.4f, history);

        Assert.HasCount(2, gates.Epochs);
        Assert.AreEqual((1, 2), (gates.Epochs[0].Epoch, gates.Epochs[1].Epoch));
        // (0.6 + 2 · 0.9) / 3
        Assert.AreEqual(80, gates.Epochs[0].Overall[3, 5], 1e-4);
        Assert.AreEqual(40, gates.Epochs[1].Blocks[1][3, 5], 1e-4);
        Assert.AreEqual(gates.Overall()[3, 5], gates.Epochs[1].Overall[3, 5], 1e-9);
        Assert.AreEqual(100, gates.Epochs[1].Overall[3, 3], 1e-9);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void FromScored_LoadedModel_HasTheGatesOfTheNetwork(bool binary)
    {
        var fixture = new Fixture(binary ? Taxonomy.BinaryDiagnosis : Taxonomy.Derm7pt);
        IDataView input = fixture.Data.View(fixture.Ml, asImages: false, "Picture");
        IDataView scored = fixture.SaveAndLoad(input, "Picture").Transform(input);

        var gates = GateInterpretation.FromScored(scored, fixture.Taxonomy);

        CollectionAssert.AreEqual(new[] { 2, 3 }, gates.ChannelCounts.ToArray());
        TinyRun.AssertEqual(
            [[.. LoopNetwork.Alphas(fixture.Model, block: 1).SelectMany(row => row).Select(alpha => (float)alpha)]],
            [[.. Enumerable.Range(0, Tasks * Tasks).SelectMany(i => gates.Alphas(1, i / Tasks, i % Tasks).ToArray())]], 1e-7f);
    }

    [TestMethod]
    public void Gates_Transformer_AreThoseOfItsColumn()
    {
        MultiTaskModel model = TestModels.Small(seed: 3, filters: [2, 3]).WithHistory(new TrainingHistory([], bestEpoch: 0));
        var data = new ScoringData(model, count: 1, seed: 4);
        IDataView input = data.View(new MLContext(), asImages: true, "Image");
        using var transformer = new Derm7ptMultiTaskTransformer(model, "Image", input.Schema, scoringBatchSize: 1);

        GateInterpretation column = GateInterpretation.FromScored(transformer.Transform(input));

        Assert.AreEqual(2, transformer.Gates.BlockCount);
        Assert.AreEqual(column.ToJson(), transformer.Gates.ToJson());
    }

    [TestMethod]
    public void FromScored_NotAScoredView_SaysWhy()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => GateInterpretation.FromScored(Column("A"))).Message,
            "Could not find gates column 'GateAlphas'");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => GateInterpretation.FromScored(Column("GateAlphas"))).Message,
            "expected a named vector of Single, got Single");
    }

    [TestMethod]
    public void Block_BadArguments_Throws()
    {
        GateInterpretation gates = Gates([1], (_, _, _, _) => 1);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => gates.Block(1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => gates.Block(0, threshold: 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => gates.Overall(threshold: 1.1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => gates.Alphas(0, 8, 0).Length);
        Assert.ThrowsExactly<ArgumentException>(() => new GateInterpretation(Taxonomy.Derm7pt, [2], [[1]], null));
    }

    [TestMethod]
    public void Exports_AnyGates_HoldTheMatrices()
    {
        GateInterpretation gates = Gates(
            [1, 2], (block, taking, giving, channel) => taking == giving ? 1 : (block + taking + (2 * giving) + channel) / 30f);

        JsonNode json = JsonNode.Parse(gates.ToJson())!;
        Assert.AreEqual(gates.Block(1)[2, 3], (double)json["blocks"]![1]!["percent"]![2]![3]!);
        Assert.AreEqual(gates.Overall().Taken(4), (double)json["overall"]!["taken"]![4]!);
        Assert.IsNull(json["overall"]!["block"]);

        using var writer = new StringWriter();
        gates.WriteCsv(writer);
        string[] lines = writer.ToString().TrimEnd('\n').Split('\n');
        Assert.HasCount(1 + (3 * Tasks * Tasks), lines);
        Assert.AreEqual("block,taking,giving,percent", lines[0]);
        string line = lines.Single(l => l.StartsWith("all,PigmentNetwork,Streaks,", StringComparison.Ordinal));
        Assert.AreEqual(gates.Overall()[1, 5], double.Parse(line.Split(',')[3]));
    }

    private static ColumnarDataView Column(string name) => new ColumnarDataView.Builder(1).AddSingle(name, [1]).Build();

    private static GateInterpretation Gates(int[] channels, Func<int, int, int, int, float> alpha, TrainingHistory? history = null) => new(
        Taxonomy.Derm7pt,
        channels,
        [
            .. channels.Select((count, block) => Enumerable.Range(0, Tasks * Tasks * count)
                .Select(i => alpha(block, i / (Tasks * count), i / count % Tasks, i % count)).ToArray()),
        ],
        history);
}
