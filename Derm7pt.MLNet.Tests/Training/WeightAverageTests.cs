using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tests.Networks;
using Derm7pt.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class WeightAverageTests
{
    // The decays by hand: (1 + n) / (10 + n) is 2/11 and 3/12, both less than 0.26; from the third step, 4/13, on it is 0.26.
    [TestMethod]
    [DataRow(ScalarType.Float32)]
    [DataRow(ScalarType.Float64)]
    public void Update_ThreeSteps_IsTheHandComputedAverageOfParametersAndStatistics(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = TestNetworks.Random(GateMode.Learned, type: type);
        Dictionary<string, float[]> before = network.Capture().ToDictionary(t => t.Name, t => t.Values);
        using var average = new WeightAverage(network, 0.26);

        for (int step = 1; step <= 3; step++)
        {
            using (no_grad())
            {
                foreach (TorchParameter parameter in network.Parameters)
                    parameter.Tensor.add_(step);
            }

            average.Update(step);
        }

        IReadOnlyList<NamedTensor> averages = average.Capture();
        Assert.IsTrue(averages.Any(t => t.Name.Contains("running", StringComparison.Ordinal)));
        CollectionAssert.AreEqual(before.Keys, averages.Select(t => t.Name).ToArray());
        foreach (NamedTensor values in averages)
        {
            for (int i = 0; i < values.Values.Length; i++)
            {
                double start = before[values.Name][i], expected = start;
                expected = (expected * 2 / 11) + ((start + 1) * 9 / 11);
                expected = (expected * 3 / 12) + ((start + 3) * 9 / 12);
                expected = (expected * 0.26) + ((start + 6) * 0.74);
                Assert.AreEqual(expected, values.Values[i], 1e-5, $"{values.Name}[{i}]");
            }
        }
    }

    [TestMethod]
    public void ExchangeForNow_Disposed_LeavesBothBitForBit()
    {
        using TorchNetwork network = TestNetworks.Random(GateMode.Learned);
        using var average = new WeightAverage(network, 0.9);
        network.Restore([.. network.Capture().Select(t => t with { Values = [.. t.Values.Select(value => value + 0.3f)] })]);
        average.Update(5);
        (string Weights, string Averages) before = (Bits(network.Capture()), Bits(average.Capture()));

        using (average.ExchangeForNow())
            Assert.AreEqual((before.Averages, before.Weights), (Bits(network.Capture()), Bits(average.Capture())));

        Assert.AreEqual(before, (Bits(network.Capture()), Bits(average.Capture())));
        Assert.AreNotEqual(before.Weights, before.Averages);
    }

    // The average is validated: the final model scores the validation cases exactly as its best epoch did.
    [TestMethod]
    public void Fit_Averages_AreTheModelThatWasValidated()
    {
        Derm7ptMultiTaskEstimator.Options options = TinyCases.Options(4).With(training: t => new TrainingOptions(t) { AverageDecay = 0.8 });
        using Derm7ptMultiTaskTransformer model = TinyCases.Fit(options);
        using Derm7ptMultiTaskTransformer raw = TinyCases.Fit(TinyCases.Options(4));

        var evaluation = TinyCases.Ml.MulticlassClassification.EvaluateDerm7pt(model.Transform(options.Data.ValidationSet!));

        ValidationMetrics best = model.History.Epochs[model.History.BestEpoch - 1].Validation!;
        for (int task = 0; task < best.Accuracy.Count; task++)
            Assert.AreEqual(best.Accuracy[task], evaluation.Tasks[task].Model.Confusion.Accuracy, 1e-9);
        // The training losses do not depend on the averages.
        CollectionAssert.AreEqual(
            raw.History.Epochs.Select(e => e.TrainingLoss).ToArray(), model.History.Epochs.Select(e => e.TrainingLoss).ToArray());
        Assert.AreNotEqual(raw.History.Epochs[3].Validation!.Loss, model.History.Epochs[3].Validation!.Loss);
        Assert.AreNotEqual(raw.History.Epochs[3].Sharing[0][1], model.History.Epochs[3].Sharing[0][1]);
    }

    private static string Bits(IReadOnlyList<NamedTensor> state) =>
        string.Join(' ', state.SelectMany(t => t.Values).Select(BitConverter.SingleToInt32Bits));
}
