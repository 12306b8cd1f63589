using System.Text.Json.Nodes;
using Derm7pt.MLNet.Interpretation;

namespace Derm7pt.MLNet.Tests.Interpretation;

[TestClass]
public sealed class SharingMatrixTests
{
    // By hand: 0 takes 30 of 1 and 50 of 2; 1 takes 10 and 20; 2 takes 90 and 40.
    private static readonly double[,] Example = { { 100, 30, 50 }, { 10, 100, 20 }, { 90, 40, 100 } };

    [TestMethod]
    public void TakenAndGiven_Example_AreTheHandComputedMeans()
    {
        SharingMatrix sharing = Matrix(Example);

        Assert.AreEqual((0.4, 0.15, 0.65), (sharing.Taken(0), Math.Round(sharing.Taken(1), 12), sharing.Taken(2)));
        Assert.AreEqual((0.5, 0.35, 0.35), (sharing.Given(0), Math.Round(sharing.Given(1), 12), sharing.Given(2)));
        Assert.AreEqual(0.4, sharing.MeanSharing, 1e-12);
        Assert.AreEqual((70.0, 70.0), (sharing.Affinity(0, 2), sharing.Affinity(2, 0)));
        Assert.IsTrue(double.IsNaN(Matrix(new double[,] { { 100 } }).Taken(0)));
    }

    [TestMethod]
    public void MeanSharing_AnyMatrix_IsTheMeanOfTakenAndOfGiven()
    {
        SharingMatrix sharing = Random(8, seed: 1);

        Assert.AreEqual(sharing.MeanSharing, Enumerable.Range(0, 8).Average(sharing.Taken), 1e-12);
        Assert.AreEqual(sharing.MeanSharing, Enumerable.Range(0, 8).Average(sharing.Given), 1e-12);
    }

    // Tasks of equal parity share 80 %, others 10 %: an order must keep the two groups together.
    [TestMethod]
    public void ClusterOrder_TwoGroups_KeepsThemTogether()
    {
        var percent = new double[8, 8];
        for (int i = 0; i < 8; i++)
        {
            for (int j = 0; j < 8; j++)
                percent[i, j] = i == j ? 100 : i % 2 == j % 2 ? 80 : 10;
        }

        IReadOnlyList<int> order = Matrix(percent).ClusterOrder();

        CollectionAssert.AreEquivalent(Enumerable.Range(0, 8).ToArray(), order.ToArray());
        Assert.AreEqual(1, order.Zip(order.Skip(1)).Count(pair => pair.First % 2 != pair.Second % 2));
    }

    // By hand: a chain 0–3–1–2 by affinities 90, 80, 70, all others 0: 0 and 3 are joined, then 1 (80 + 0)/2 = 40 falls behind
    // 1–2 (70), and at last the ends 3 and 1 meet.
    [TestMethod]
    public void ClusterOrder_Chain_PutsTheClosestEndsTogether()
    {
        var percent = new double[4, 4];
        foreach ((int i, int j, double value) in new[] { (0, 3, 90.0), (3, 1, 80), (1, 2, 70) })
            (percent[i, j], percent[j, i]) = (value, value);

        int[] order = [.. Matrix(percent).ClusterOrder()];

        Assert.IsTrue(order is [0, 3, 1, 2] or [2, 1, 3, 0], string.Join(' ', order));
    }

    // By hand: the widest cells are "BlueWhitishVeil (BWV)" and "100.0".
    [TestMethod]
    public void ToString_Example_AlignsNamesAndPercentages() => Assert.AreEqual(
        """
        takes from              DIAG     PN    BWV
        Diagnosis (DIAG)       100.0   30.0   50.0
        PigmentNetwork (PN)     10.0  100.0   20.0
        BlueWhitishVeil (BWV)   90.0   40.0  100.0
        """.ReplaceLineEndings("\n"),
        Matrix(Example).ToString());

    [TestMethod]
    public void Exports_Example_HoldTheValues()
    {
        SharingMatrix sharing = Matrix(Example);
        using var writer = new StringWriter();
        sharing.WriteCsv(writer);

        Assert.AreEqual(
            "takes from,Diagnosis,PigmentNetwork,BlueWhitishVeil\nDiagnosis,100,30,50\nPigmentNetwork,10,100,20\nBlueWhitishVeil,90,40,100\n",
            writer.ToString());
        JsonNode json = JsonNode.Parse(sharing.ToJson())!;
        Assert.AreEqual(40, (double)json["percent"]![2]![1]!);
        Assert.AreEqual("PigmentNetwork", (string?)json["tasks"]![1]);
    }

    [TestMethod]
    public void ToGraph_Example_LeadsFromGivingToTakingTask()
    {
        TaskAffinityGraph graph = Matrix(Example).ToGraph(cut: 0.4);

        CollectionAssert.AreEqual(
            new[] { "Diagnosis > BlueWhitishVeil 0.9", "BlueWhitishVeil > Diagnosis 0.5" },
            graph.Edges.Select(edge => Invariant($"{edge.Giving.Name} > {edge.Taking.Name} {edge.Weight}")).ToArray());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Matrix(Example).ToGraph(1.5));
        Assert.HasCount(6, Matrix(Example).ToGraph(0).Edges);
    }

    [TestMethod]
    public void ToDot_Example_NamesNodesAndEdges()
    {
        string dot = Matrix(Example).ToGraph(cut: 0.4).ToDot();

        StringAssert.StartsWith(dot, "digraph sharing {\n");
        StringAssert.EndsWith(dot, "}\n");
        StringAssert.Contains(dot, "\"PigmentNetwork\" [label=\"pigment network\"];");
        StringAssert.Contains(dot, "\"Diagnosis\" -> \"BlueWhitishVeil\" [label=\"90%\", weight=90, penwidth=3.65];");
        Assert.AreEqual(2, dot.Split(" -> ").Length - 1);
    }

    [TestMethod]
    public void ToJson_Graph_HoldsNodesAndEdges()
    {
        JsonNode json = JsonNode.Parse(Matrix(Example).ToGraph(cut: 0.4).ToJson())!;

        Assert.HasCount(3, json["nodes"]!.AsArray());
        Assert.AreEqual("Diagnosis", (string?)json["edges"]![0]!["from"]);
        Assert.AreEqual("BlueWhitishVeil", (string?)json["edges"]![0]!["to"]);
        Assert.AreEqual(0.9, (double)json["edges"]![0]!["weight"]!, 1e-12);
    }

    private static SharingMatrix Random(int tasks, int seed)
    {
        var random = new Random(seed);
        var percent = new double[tasks, tasks];
        for (int i = 0; i < tasks; i++)
        {
            for (int j = 0; j < tasks; j++)
                percent[i, j] = i == j ? 100 : 100 * random.NextDouble();
        }

        return Matrix(percent);
    }

    private static SharingMatrix Matrix(double[,] percent) => new([.. Taxonomy.Derm7pt.Tasks.Take(percent.GetLength(0))], percent);
}
