using Derm7pt.MLNet.Base;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class WarmStartTests
{
    private static readonly Lazy<Derm7ptMultiTaskTransformer> Initial = new(() => TinyCases.Fit(TinyCases.Options(15)));

    [TestMethod]
    [DataRow(32)]
    [DataRow(40)]
    public void Fit_InitialModelAndTinyLearningRate_KeepsItsWeights(int extent)
    {
        using Derm7ptMultiTaskTransformer tuned = TinyCases.Fit(
            new Derm7ptMultiTaskEstimator.Options(TinyCases.Options(1)) { InitialModel = Initial.Value }.With(
                training: t => new TrainingOptions(t)
                {
                    LearningRate = 1e-12,
                    GateLearningRate = 1e-12,
                    Seed = 5,
                },
                data: d => new DataOptions(d) { ValidationSet = TinyCases.View(15, extent: extent) }),
            TinyCases.View(extent: extent));

        foreach ((NamedTensor expected, NamedTensor actual) in Initial.Value.Model.Members[0].State.Zip(tuned.Model.Members[0].State))
        {
            Assert.AreEqual(expected.Name, actual.Name);
            // Running statistics follow the training cases, regardless of the learning rate.
            if (!expected.Name.Contains("running", StringComparison.Ordinal))
                Assert.IsTrue(expected.Values.Zip(actual.Values).All(pair => Math.Abs(pair.First - pair.Second) < 1e-6), expected.Name);
        }

        Assert.AreEqual((extent, extent), (tuned.ImageHeight, tuned.ImageWidth));
    }

    [TestMethod]
    public void Fit_InitialModel_StartsWhereItEnded()
    {
        using Derm7ptMultiTaskTransformer tuned = TinyCases.Fit(new Derm7ptMultiTaskEstimator.Options(TinyCases.Options(1)) { InitialModel = Initial.Value });
        using Derm7ptMultiTaskTransformer cold = TinyCases.Fit(TinyCases.Options(1));

        Assert.IsLessThan(0.8 * cold.History.Epochs[0].TrainingLoss, tuned.History.Epochs[0].TrainingLoss);
    }

    [TestMethod]
    public void Fit_InitialModel_LeavesItAsItIs()
    {
        string state = Describe(Initial.Value);
        float[][] scores = Scores(Initial.Value);

        using Derm7ptMultiTaskTransformer tuned = TinyCases.Fit(new Derm7ptMultiTaskEstimator.Options(TinyCases.Options(2)) { InitialModel = Initial.Value });

        Assert.AreEqual(state, Describe(Initial.Value));
        Assert.AreNotEqual(state, Describe(tuned));
        foreach ((float[] expected, float[] actual) in scores.Zip(Scores(Initial.Value)))
            CollectionAssert.AreEqual(expected, actual);
    }

    [TestMethod]
    public void Fit_InitialModelDisposed_StartsFromItsWeights()
    {
        Derm7ptMultiTaskTransformer initial = TinyCases.Fit(TinyCases.Options(1));
        initial.Dispose();

        using Derm7ptMultiTaskTransformer tuned = TinyCases.Fit(new Derm7ptMultiTaskEstimator.Options(TinyCases.Options(1)) { InitialModel = initial });

        Assert.HasCount(1, tuned.History.Epochs);
    }

    [TestMethod]
    public void Estimator_InitialModelDoesNotFit_NamesEveryDifference()
    {
        Derm7ptMultiTaskEstimator.Options options =
            new Derm7ptMultiTaskEstimator.Options(TinyCases.Options()) { InitialModel = Initial.Value, Taxonomy = Taxonomy.BinaryDiagnosis }.With(network: n => new NetworkOptions(n)
            {
                FiltersPerBlock = [1, 2, 4],
                Gates = GateMode.Closed,
                GateSteepness = 1,
                Dropout = 0.5,
            });

        string message = Assert.ThrowsExactly<ArgumentException>(() => TinyCases.Ml.Transforms.Derm7ptMultiTask(options)).Message;

        foreach (string expected in new[]
        {
            "LabelCounts: [5,3,2,3,3,3,3,2] in InitialModel, [2,3,2,3,3,3,3,2] in the options",
            "Filters: [1,2] in InitialModel, [1,2,4] in the options", "Sharing.Mode: Learned in InitialModel, Closed in the options",
            "Sharing.Steepness: 3 in InitialModel, 1 in the options",
        })
        {
            StringAssert.Contains(message, expected);
        }

        Assert.DoesNotContain("Dropout", message);
    }

    private static string Describe(Derm7ptMultiTaskTransformer model) =>
        string.Join(';', model.Model.Members[0].State.Select(t => $"{t.Name} {string.Join(' ', t.Values.Select(BitConverter.SingleToInt32Bits))}"));

    private static float[][] Scores(Derm7ptMultiTaskTransformer model) =>
        [.. model.Transform(TinyCases.View(5)).GetColumn<float[]>("DiagnosisScore")];
}
