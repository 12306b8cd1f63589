using System.Text.Json.Nodes;
using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet.Tests.Evaluation;

[TestClass]
public sealed class TemperatureScalingTests
{
    // By hand: √0.8 : √0.2 = 2 : 1.
    [TestMethod]
    public void Scale_TemperatureTwo_TakesTheRoot()
    {
        double[] scaled = TemperatureScaling.Scale([0.8, 0.2], 2);

        Assert.AreEqual(2 / 3.0, scaled[0], 1e-12);
        Assert.AreEqual(1 / 3.0, scaled[1], 1e-12);
    }

    [TestMethod]
    public void Scale_TemperatureOne_IsTheIdentity()
    {
        double[] probabilities = [0.7, 0.1, 0.15, 0.05];
        double[] scaled = TemperatureScaling.Scale(probabilities, 1);
        for (int i = 0; i < scaled.Length; i++)
            Assert.AreEqual(probabilities[i], scaled[i], 1e-15);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TemperatureScaling.Scale([1.0], 0));
    }

    [TestMethod]
    [DataRow(0.05)]
    [DataRow(0.7)]
    [DataRow(20.0)]
    public void Scale_AnyTemperature_KeepsThePredictionAndTheSum(double temperature)
    {
        ScoredData data = ScoredData.Random(Taxonomy.Derm7pt, 200, seed: 1);
        foreach (float[] probabilities in data.Probabilities.SelectMany(task => task))
        {
            double[] scaled = TemperatureScaling.Scale(Array.ConvertAll(probabilities, p => (double)p), temperature);
            Assert.AreEqual(Array.IndexOf(probabilities, probabilities.Max()), Array.IndexOf(scaled, scaled.Max()));
            Assert.AreEqual(1, scaled.Sum(), 1e-12);
        }
    }

    // Oracle: the NLL by its definition on a fine grid of temperatures.
    [TestMethod]
    public void Fit_RandomCases_IsTheMinimumOnAGrid()
    {
        ScoredData data = ScoredData.Random(Taxonomy.Derm7pt, 150, seed: 2, missing: 0.1, lean: 1.5);
        IReadOnlyList<double> temperatures = TemperatureScaling.Fit(data.Evaluate()).Temperatures;

        for (int task = 0; task < temperatures.Count; task++)
        {
            double best = Enumerable.Range(0, 2000).Select(i => 0.05 * Math.Pow(400, i / 1999.0)).MinBy(t => Nll(data, task, t));
            // The grid's steps are 0.3 %.
            Assert.AreEqual(best, temperatures[task], 0.004 * best);
        }
    }

    // Oracle: the construction of the data. Labels are drawn from softmax(z), predictions are softmax(2z), so they are overconfident by a factor of 2.
    [TestMethod]
    public void Fit_PredictionsTwiceTooSure_GivesTwo()
    {
        ScoredData data = TooSure(4000, factor: 2);
        MultiTaskEvaluation evaluation = data.Evaluate();

        var scaling = TemperatureScaling.Fit(evaluation);

        foreach (TemperatureEffect effect in scaling.Compare(evaluation))
        {
            Assert.AreEqual(2, effect.Temperature, 0.2, effect.Task.Name);
            Assert.IsLessThan(effect.LogLossBefore, effect.LogLossAfter);
            Assert.IsLessThan(effect.Before.ExpectedError / 2, effect.After.ExpectedError);
            Assert.AreEqual(evaluation[effect.Task.Name].Model.Measures.LogLoss, effect.LogLossBefore);
        }
    }

    [TestMethod]
    public void Compare_OtherCases_KeepsTheirPredictions()
    {
        var scaling = TemperatureScaling.Fit(TooSure(500, factor: 3).Evaluate());
        MultiTaskEvaluation test = ScoredData.Random(Taxonomy.Derm7pt, 300, seed: 5).Evaluate(bins: 7);

        IReadOnlyList<TemperatureEffect> effects = scaling.Compare(test);

        Assert.HasCount(8, effects);
        Assert.HasCount(7, effects[0].After.Bins);
        Assert.IsTrue(effects.Zip(test.Tasks).All(pair => pair.First.After.CaseCount == pair.Second.CaseCount));
        Assert.ThrowsExactly<ArgumentException>(() => CompareOtherTasks(scaling));
    }

    [TestMethod]
    public void Fit_EverythingRight_GivesTheLowestTemperature()
    {
        ScoredData data = ScoredData.Random(Taxonomy.Derm7pt, 50, seed: 6, lean: 10);
        Array.Fill(data.Truth[7], -1);

        IReadOnlyList<double> temperatures = TemperatureScaling.Fit(data.Evaluate()).Temperatures;

        Assert.IsTrue(temperatures.Take(7).All(t => t == TemperatureScaling.MinimumTemperature));
        Assert.AreEqual(1, temperatures[7]);
    }

    private static IReadOnlyList<TemperatureEffect> CompareOtherTasks(TemperatureScaling scaling)
    {
        JsonNode json = JsonNode.Parse(Taxonomy.Derm7pt.ToJson())!;
        json["tasks"]!.AsArray().RemoveAt(1);
        return scaling.Compare(ScoredData.Random(Taxonomy.FromJson(json.ToJsonString()), 5, seed: 1).Evaluate());
    }

    private static ScoredData TooSure(int count, double factor)
    {
        var random = new Random(3);
        Taxonomy taxonomy = Taxonomy.Derm7pt;
        int[][] truth = [.. taxonomy.Tasks.Select(_ => new int[count])];
        float[][][] probabilities = [.. taxonomy.Tasks.Select(_ => new float[count][])];
        for (int task = 0; task < truth.Length; task++)
        {
            for (int i = 0; i < count; i++)
            {
                double[] logits = [.. taxonomy.Tasks[task].Labels.Select(_ => 4 * random.NextDouble())];
                float[] honest = ScoredData.Softmax(logits);
                double draw = random.NextDouble();
                int label = 0;
                while (label < honest.Length - 1 && (draw -= honest[label]) > 0)
                    label++;
                truth[task][i] = label;
                probabilities[task][i] = ScoredData.Softmax(Array.ConvertAll(logits, z => factor * z));
            }
        }

        return new ScoredData(taxonomy, truth, probabilities);
    }

    private static double Nll(ScoredData data, int task, double temperature) =>
        Enumerable.Range(0, data.Count).Where(i => data.Truth[task][i] >= 0).Average(i =>
        {
            double[] powers = Array.ConvertAll(data.Probabilities[task][i], p => Math.Pow(p, 1 / temperature));
            return -Math.Log(powers[data.Truth[task][i]] / powers.Sum());
        });
}
