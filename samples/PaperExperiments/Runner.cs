using System.Diagnostics;
using Derm7pt.MLNet;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Reporting;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace PaperExperiments;

/// <summary>Trains, evaluates and saves one run.</summary>
internal sealed class Runner(SuiteSettings suite, ReleaseIdentity release)
{
    /// <summary>Resumes from the checkpoint if there is one, and writes one if it is canceled.</summary>
    public void Execute(ExperimentRun run, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        RunFolder folder = run.Folder(suite.OutputFolder);
        Directory.CreateDirectory(folder.FullName);
        var mlContext = new MLContext(run.Seed);
        Derm7ptRelease cases = mlContext.Data.LoadDerm7pt(suite.ReleaseFolder, run.Preset.Taxonomy);

        TransformerChain<Derm7ptMultiTaskTransformer> model = Train(mlContext, cases, run, folder, progress, cancellation);
        using Derm7ptMultiTaskTransformer network = model.LastTransformer;
        mlContext.Model.Save(model, cases.Test.Schema, folder.Model);
        network.SaveAsOnnx(folder.Onnx);

        cancellation.ThrowIfCancellationRequested();
        RunOutcome outcome = Evaluate(cases, run, model);
        RunReport.WriteReport(folder, outcome);
        RunManifest.Write(folder, outcome, run.Describe(suite.Experiment, release));
        File.Delete(folder.Checkpoint);
    }

    private TransformerChain<Derm7ptMultiTaskTransformer> Train(
        MLContext mlContext, Derm7ptRelease cases, ExperimentRun run, RunFolder folder, IProgress<TrainingProgress> progress,
        CancellationToken cancellation)
    {
        var images = mlContext.Transforms.LoadDerm7ptImages("Image", inputColumnName: "ImagePath")
            .Append(mlContext.Transforms.ResizeImages("Image", suite.Experiment.ImageSize, suite.Experiment.ImageSize));
        TrainingRecipe recipe = run.Recipe(suite.Experiment);
        var options = new Derm7ptMultiTaskEstimator.Options
        {
            Taxonomy = run.Preset.Taxonomy,
            Network = recipe.Network,
            Training = recipe.Training,
            // Models are selected by the validation cases alone.
            Data = new DataOptions { ValidationSet = images.Fit(cases.Validation).Transform(cases.Validation) },
            Runtime = new RuntimeOptions
            {
                Device = suite.Device,
                Progress = progress,
                CheckpointPath = folder.Checkpoint,
                Cancellation = cancellation,
            },
        };
        return images
            .Append(mlContext.Transforms.Derm7ptBalancedSampling(suite.Experiment.SamplesPerLabel, run.Preset.Taxonomy))
            .Append(mlContext.Transforms.Derm7ptMultiTask(options))
            .Fit(cases.Train);
    }

    private RunOutcome Evaluate(
        Derm7ptRelease cases, ExperimentRun run, TransformerChain<Derm7ptMultiTaskTransformer> model)
    {
        var watch = Stopwatch.StartNew();
        // The test cases are scored once per run, after all choices are made.
        ReportInput report = Derm7ptReport.Create(model.LastTransformer, model.Transform(cases.Test), new ReportOptions
        {
            Title = $"{run.Preset.Title}, seed {run.Seed}",
            ScoredValidation = model.Transform(cases.Validation),
            Evaluation = new MultiTaskEvaluation.Options
            {
                Taxonomy = run.Preset.Taxonomy,
                BootstrapResamples = suite.Experiment.BootstrapResamples,
                Seed = run.Seed,
            },
            DatasetDescription = suite.IsSynthetic ? $"A synthetic release in the layout of Derm7pt ({cases})." : $"The Derm7pt release ({cases}).",
            IsSynthetic = suite.IsSynthetic,
            ExampleCount = suite.IsSynthetic ? 6 : 0,
        });
        (MultiTaskEvaluation validation, MultiTaskEvaluation test) = (report.Validation!, report.Test);
        return new RunOutcome(
            run,
            model.LastTransformer,
            validation,
            test,
            suite.Experiment.Sensitivity,
            OperatingPoint.Choose(validation.SevenPoint!.Ranking, test.SevenPoint!.Ranking, suite.Experiment.Sensitivity),
            OperatingPoint.Choose(validation.Melanoma!.Ranking, test.Melanoma!.Ranking, suite.Experiment.Sensitivity),
            TemperatureScaling.Fit(validation).Compare(test),
            report,
            watch.Elapsed);
    }
}
