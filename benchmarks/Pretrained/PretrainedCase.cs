using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Synthetic;
using Microsoft.ML;

namespace Derm7pt.MLNet.Benchmarks.Pretrained;

/// <summary>
/// Measures what a pretrained extractor is worth where few cases are labeled: the recipe with the ResNet-18 beside the network of the paper from
/// random weights, on synthetic images.
/// </summary>
/// <remarks>
/// All trainings use the same cases in shuffled mini-batches of the same size. No validation cases are used, as they would be labeled too, so the
/// weights of the last epoch are evaluated. As a network from random weights needs more steps, it is also trained for more of them.
/// </remarks>
internal static class PretrainedCase
{
    public static void Measure(BenchmarkContext context)
    {
        PretrainedSizes sizes = context.Settings.Pretrained;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("derm7pt-pretrained-");
        try
        {
            string path = Path.Combine(folder.FullName, "release_v0");
            context.Tell($"drawing a synthetic release of {sizes.ReleaseCases} cases");
            SyntheticRelease.Write(path, new SyntheticReleaseOptions { Cases = sizes.ReleaseCases, Width = sizes.Width, Height = sizes.Height });
            Derm7ptRelease release = context.Ml.Data.LoadDerm7pt(path);
            IDataView train = context.Ml.Data.TakeRows(release.Train, sizes.TrainCases), test = context.Ml.Data.TakeRows(release.Test, sizes.TestCases);
            foreach (Arm arm in Arms(sizes))
                Measure(context, arm, train, test);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<Arm> Arms(PretrainedSizes sizes)
    {
        TrainingRecipe pretrained = TrainingRecipe.Pretrained();
        int batch = Math.Min(pretrained.Training.BatchSize, sizes.TrainCases);
        int steps = sizes.Epochs * ((sizes.TrainCases + batch - 1) / batch);
        yield return new Arm(
            Invariant($"pretrained ResNet-18, {steps} steps"), sizes.Width, sizes.Height,
            new NetworkOptions(pretrained.Network) { InputSize = sizes.InputSize },
            new TrainingOptions(pretrained.Training) { MaximumEpochs = sizes.Epochs, BatchSize = batch });
        foreach (int factor in new[] { 1, sizes.ScratchFactor })
        {
            yield return new Arm(
                Invariant($"network of the paper from random weights, {factor * steps} steps"), sizes.Height, sizes.Height, new NetworkOptions(),
                new TrainingOptions { MaximumEpochs = factor * sizes.Epochs, BatchSize = batch, BatchesPerEpoch = null });
        }
    }

    private static void Measure(BenchmarkContext context, Arm arm, IDataView train, IDataView test)
    {
        var seeds = new List<SeedResult>();
        foreach (int seed in context.Settings.Pretrained.Seeds)
        {
            var pipeline = context.Ml.Transforms.LoadDerm7ptImages("Image", inputColumnName: "ImagePath")
                .Append(context.Ml.Transforms.ResizeImages("Image", arm.Width, arm.Height))
                .Append(context.Ml.Transforms.Derm7ptMultiTask(new Derm7ptMultiTaskEstimator.Options
                {
                    Network = arm.Network,
                    Training = new TrainingOptions(arm.Training) { Seed = seed, ValidationFraction = 0 },
                    Runtime = new RuntimeOptions { Device = context.Settings.Device, Cancellation = context.Cancellation },
                }));
            var model = pipeline.Fit(train);
            using Derm7ptMultiTaskTransformer network = model.LastTransformer;
            SeedResult result = SeedResult.Of(
                seed, context.Ml.MulticlassClassification.EvaluateDerm7pt(model.Transform(test), new MultiTaskEvaluation.Options()),
                network.History.Epochs.Sum(epoch => epoch.Duration.TotalSeconds));
            context.Tell(Invariant($"{arm.Name}, seed {seed}: macro F1 {result.MacroF1}, accuracy {result.Accuracy}, {result.Seconds:0} s"));
            seeds.Add(result);
        }

        context.Results.Learning.Add(new LearningResult(
            arm.Name, seeds, MeanInterval.Of([.. seeds.Select(seed => seed.MacroF1.Estimate)]), MeanInterval.Of([.. seeds.Select(seed => seed.Accuracy.Estimate)])));
    }

    /// <param name="Name">The name in the table.</param>
    /// <param name="Width">The width of the image column.</param>
    /// <param name="Height">The height of the image column.</param>
    /// <param name="Network">The network.</param>
    /// <param name="Training">How it is trained.</param>
    private sealed record Arm(string Name, int Width, int Height, NetworkOptions Network, TrainingOptions Training);
}

/// <summary>The sizes of <see cref="PretrainedCase"/>.</summary>
/// <param name="ReleaseCases">The cases that are drawn.</param>
/// <param name="TrainCases">The labeled cases that are trained on, at most those of the training split.</param>
/// <param name="TestCases">The cases that are evaluated, at most those of the test split.</param>
/// <param name="Width">The width of the images.</param>
/// <param name="Height">The height of the images.</param>
/// <param name="InputSize">The size to which the pretrained network resizes images.</param>
/// <param name="Epochs">The epochs of the pretrained network.</param>
/// <param name="ScratchFactor">How many times as many epochs the network from random weights gets in its longer training.</param>
/// <param name="Seeds">The seeds; every training is repeated with each.</param>
internal sealed record PretrainedSizes(
    int ReleaseCases, int TrainCases, int TestCases, int Width, int Height, int InputSize, int Epochs, int ScratchFactor, IReadOnlyList<int> Seeds);
