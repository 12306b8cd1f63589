using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tasks;
using Derm7pt.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class TaskLossesTests
{
    private const int Missing = LabelTable.Missing;

    private static readonly Taxonomy Tasks = Taxonomy.Derm7pt;

    [TestMethod]
    public void OfTraining_ClassWeights_AreThoseOfTheTrainingCasesAndNotOfTheBatch()
    {
        using DisposeScope scope = NewDisposeScope();
        int[] train = [0, 0, 0, 1];
        NetworkOutput output = Output(cases: 3);
        var losses = new TaskLosses(new TrainingOptions(Options) { ClassWeightExponent = 1 }, Labels(train), CPU);
        int[] batch = [1, Missing, 0];

        double actual = losses.OfTraining(output, Labels(batch))[2].ToDouble();

        // 4/3 and 4, divided by their mean over the training cases, (3·4/3 + 4) / 4 = 2.
        double expected = ((2 * Loss(output, 0, 1)) + (2 / 3.0 * Loss(output, 2, 0))) / 2;
        Assert.AreEqual(expected, actual, 1e-6);
    }

    // Cases 0 and 1 are mixed with each other, case 2 with itself; the label of case 1 is missing.
    [TestMethod]
    public void OfTraining_Mixture_WeighsTheLossesOfBothImages()
    {
        using DisposeScope scope = NewDisposeScope();
        NetworkOutput output = Output(cases: 3);
        var losses = new TaskLosses(new TrainingOptions(Options) { ClassWeightExponent = 0 }, Labels([0, 1]), CPU);
        int[] batch = [1, Missing, 0];
        var mixture = new Mixture([1, 0, 2], [0.75f, 0.375f, 0.5f]);

        double actual = losses.OfTraining(output, Labels(batch), mixture)[2].ToDouble();

        double expected = ((0.75 * Loss(output, 0, 1)) + (0.625 * Loss(output, 1, 1)) + Loss(output, 2, 0)) / 2;
        Assert.AreEqual(expected, actual, 1e-6);
    }

    [TestMethod]
    public void OfTraining_MixtureWithItself_IsTheLossWithoutMixture()
    {
        using DisposeScope scope = NewDisposeScope();
        NetworkOutput output = Output(cases: 4);
        LabelTable labels = Labels([1, Missing, 0, 0]);
        // With Kawahara's weights, smoothing and focusing.
        var losses = new TaskLosses(new TrainingOptions { LabelSmoothing = 0.1 }, labels, CPU);

        Tensor[] expected = losses.OfTraining(output, labels), actual = losses.OfTraining(output, labels, new Mixture([0, 1, 2, 3], [0.1f, 0.2f, 0.9f, 1]));

        for (int task = 0; task < expected.Length; task++)
            Assert.AreEqual(expected[task].ToDouble(), actual[task].ToDouble(), 1e-6);
    }

    [TestMethod]
    public void OfValidation_AnyOptions_IsTheUnweightedUnsmoothedLoss()
    {
        using DisposeScope scope = NewDisposeScope();
        NetworkOutput output = Output(cases: 3);
        LabelTable labels = Labels([1, Missing, 0]);
        var losses = new TaskLosses(new TrainingOptions(Options) { ClassWeightExponent = 1, LabelSmoothing = 0.2 }, labels, CPU);

        Assert.AreEqual((Loss(output, 0, 1) + Loss(output, 2, 0)) / 2, losses.OfValidation(output, labels)[2].ToDouble(), 1e-6);
    }

    [TestMethod]
    [DataRow(LossCombination.Sum, 6.0)]
    [DataRow(LossCombination.Mean, 2.0)]
    public void Combine_ThreeLosses_IsTheirSumOrMean(LossCombination combination, double expected)
    {
        using DisposeScope scope = NewDisposeScope();
        ILossCombination losses = ILossCombination.Create(combination);

        Assert.AreEqual(expected, losses.Combine([tensor(1.5f), tensor(0.5f), tensor(4f)]).ToDouble());
        Assert.AreEqual(expected, losses.Combine([1.5, 0.5, 4.0]));
    }

    [TestMethod]
    public void Fit_MeanOfLosses_IsTheSumDividedByTheTasksInTrainingAndValidation()
    {
        Derm7ptMultiTaskEstimator.Options options = TinyCases.Options(1).With(
            network: n => new NetworkOptions(n) { Dropout = 0 },
            training: t => new TrainingOptions(t) { LearningRate = 1e-9, GateLearningRate = 1e-9, L2Regularization = 0 });
        using Derm7ptMultiTaskTransformer sum = TinyCases.Fit(options);
        using Derm7ptMultiTaskTransformer mean = TinyCases.Fit(options.With(training: t => new TrainingOptions(t) { LossCombination = LossCombination.Mean }));

        int tasks = Tasks.Tasks.Count;
        Assert.AreEqual(sum.History.Epochs[0].TrainingLoss / tasks, mean.History.Epochs[0].TrainingLoss, 1e-4);
        Assert.AreEqual(mean.History.Epochs[0].Validation!.TaskLosses.Average(), mean.History.Epochs[0].Validation!.Loss, 1e-9);
        Assert.AreEqual(sum.History.Epochs[0].Validation!.Loss / tasks, mean.History.Epochs[0].Validation!.Loss, 1e-4);
    }

    // The loss is cross-entropy without weights, smoothing and focusing.
    private static TrainingOptions Options => new() { FocusingParameter = 0 };

    /// <summary>Draws random logits of all tasks.</summary>
    private static NetworkOutput Output(int cases)
    {
        var random = new Random(4);
        return new NetworkOutput(
            [.. Tasks.Tasks.Select(task => tensor(
                [.. Enumerable.Range(0, cases * task.Labels.Count).Select(_ => (random.NextSingle() * 4) - 2)], [cases, task.Labels.Count]))],
            []);
    }

    /// <summary>Computes −log softmax of a label of the third task, which has two labels, in double precision.</summary>
    private static double Loss(NetworkOutput output, int row, int label)
    {
        float[] logits = [.. output.Logits[2][row].data<float>()];
        return Math.Log(logits.Sum(logit => Math.Exp(logit))) - logits[label];
    }

    private static LabelTable Labels(int[] column) => new(Tasks, [.. Tasks.Tasks.Select((_, task) => task == 2 ? column : new int[column.Length])]);
}
