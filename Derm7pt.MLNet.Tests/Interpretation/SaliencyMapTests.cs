using Derm7pt.MLNet.Interpretation;

namespace Derm7pt.MLNet.Tests.Interpretation;

[TestClass]
public sealed class SaliencyMapTests
{
    private static readonly ClassificationTask Task = Taxonomy.Derm7pt.Tasks[5];

    // By hand: values 1, 3, 0, 4 (of −2, so nothing) become 0.25, 0.75, 0, 1; inside the mask lies 1.75 of 2.
    [TestMethod]
    public void EnergyInside_Mask_IsTheShareOfTheSum()
    {
        var map = new SaliencyMap(2, 2, [1, 3, -2, 4], Task, 0);

        CollectionAssert.AreEqual(new[] { 0.25f, 0.75f, 0, 1 }, map.Values.ToArray());
        Assert.AreEqual(1.75 / 2, map.EnergyInside([0, 255, 1, 1]), 1e-9);
    }

    [TestMethod]
    public void EnergyInside_MapOfZeros_IsNotANumber() =>
        Assert.IsTrue(double.IsNaN(new SaliencyMap(1, 2, [0, -1], Task, 0).EnergyInside([1, 0])));

    [TestMethod]
    public void Overlay_Map_BurnsWhereItIsHigh()
    {
        byte[] overlay = new SaliencyMap(1, 2, [0, 1], Task, 0).Overlay([0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f]);

        Assert.HasCount(8, overlay);
        Assert.AreEqual(overlay[0], overlay[1], "no heat keeps the hue");
        Assert.IsGreaterThan(overlay[4 + 2] + 50, overlay[4], "heat turns gray toward yellow");
        Assert.AreEqual(255, overlay[7]);
    }

    [TestMethod]
    public void ExplainByOcclusion_OnlyOnePatchMatters_FindsIt()
    {
        // The score is the mean of one square's pixels: a model whose explanation is known.
        var scorer = new SquareScorer();
        var pixels = new float[3 * 32 * 32];
        for (int channel = 0; channel < 3; channel++)
        {
            for (int i = 0; i < 64; i++)
                pixels[(channel * 1024) + ((16 + (i / 8)) * 32) + 8 + (i % 8)] = 1;
        }

        SaliencyMap map = Occlusion.Explain(scorer, Taxonomy.Derm7pt, pixels, 32, 32, taskIndex: 2, label: 1, patch: 8, stride: 8);

        var mask = new byte[1024];
        for (int i = 0; i < 64; i++)
            mask[((16 + (i / 8)) * 32) + 8 + (i % 8)] = 1;
        Assert.AreEqual(1, map.EnergyInside(mask), 1e-6);
    }

    private sealed class SquareScorer : Derm7pt.MLNet.Scoring.IScorer
    {
        public Derm7pt.MLNet.Scoring.Prediction[] Score(float[] pixels, int count) =>
        [
            .. Enumerable.Range(0, count).Select(image =>
            {
                float mean = Enumerable.Range(0, 64).Average(i => pixels[(image * 3 * 1024) + ((16 + (i / 8)) * 32) + 8 + (i % 8)]);
                float[][] scores = [.. Taxonomy.Derm7pt.Tasks.Select(task => new float[task.Labels.Count])];
                scores[2] = [1 - mean, mean];
                return new Derm7pt.MLNet.Scoring.Prediction(scores, [.. scores.Select(values => Array.IndexOf(values, values.Max()))], []);
            }),
        ];

        public void Dispose()
        {
        }
    }
}
