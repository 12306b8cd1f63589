using Derm7pt.MLNet;
using Derm7pt.MLNet.Reporting;
using Microsoft.ML;
using Microsoft.ML.Data;
using Spectre.Console;

namespace QuickStart;

/// <summary>The steps of the run, as in any program that uses the library.</summary>
internal static class Steps
{
    public static Derm7ptMultiTaskTransformer Train(
        MLContext mlContext, Derm7ptRelease release, RunSettings settings, string checkpoint, out ITransformer model,
        CancellationToken cancellation)
    {
        if (Checkpoints(checkpoint).LastOrDefault() is { } found)
            AnsiConsole.MarkupLineInterpolated($"Training goes on from [bold]{found}[/].");
        else
            AnsiConsole.MarkupLine("Training starts; Ctrl-C interrupts it, and the same command then goes on.");

        // IsoCrop resizes with a high-quality filter; ML.NET's Fill uses the nearest pixel.
        var images = mlContext.Transforms.LoadDerm7ptImages("Image", inputColumnName: "ImagePath")
            .Append(mlContext.Transforms.ResizeImages("Image", settings.ImageWidth, settings.ImageHeight));
        IDataView validation = images.Fit(release.Validation).Transform(release.Validation);

        IEstimator<ITransformer> cases = settings.SamplesPerLabel is { } samples
            ? images.Append(mlContext.Transforms.Derm7ptBalancedSampling(samples))
            : images;
        ITransformer prepared = cases.Fit(release.Train);
        IDataView train = prepared.Transform(release.Train);
        var bars = new TrainingBars(settings.Recipe.Training.MaximumEpochs);
        var options = new Derm7ptMultiTaskEstimator.Options
        {
            Network = settings.Recipe.Network,
            Training = settings.Recipe.Training,
            Data = new DataOptions { ValidationSet = validation },
            Runtime = new RuntimeOptions
            {
                Device = settings.Device,
                Progress = bars,
                CheckpointPath = checkpoint,
                Cancellation = cancellation,
            },
        };
        Derm7ptMultiTaskTransformer network;
        using (bars)
        {
            network = settings.Folds is { } folds
                ? CrossValidate(mlContext, train, options, folds)
                : mlContext.Transforms.Derm7ptMultiTask(options).Fit(train);
        }

        model = new TransformerChain<ITransformer>(prepared, network);
        return network;
    }

    /// <summary>The checkpoint of a training, or those of the runs of a cross-validation.</summary>
    public static IEnumerable<string> Checkpoints(string checkpoint)
    {
        string folder = Path.GetDirectoryName(checkpoint)!, name = Path.GetFileNameWithoutExtension(checkpoint);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, $"{name}*{Path.GetExtension(checkpoint)}").Order() : [];
    }

    /// <summary>Trains one model per fold, shows how well they predict the cases that they were not trained on, and combines them.</summary>
    private static Derm7ptMultiTaskTransformer CrossValidate(
        MLContext mlContext, IDataView train, Derm7ptMultiTaskEstimator.Options options, int folds)
    {
        using Derm7ptCrossValidation runs = mlContext.MulticlassClassification.CrossValidateDerm7pt(train, options, folds);
        Console.WriteLine($"\n{runs}\n");
        return runs.Combine();
    }

    /// <summary>Measures the test split and, to choose thresholds on, the validation split; picks some cases to show.</summary>
    public static ReportInput Evaluate(Derm7ptMultiTaskTransformer network, ITransformer model, Derm7ptRelease release, RunSettings settings, bool isSynthetic) =>
        Derm7ptReport.Create(network, model.Transform(release.Test), new ReportOptions
        {
            ScoredValidation = model.Transform(release.Validation),
            DatasetDescription = isSynthetic ? $"A synthetic release in the layout of Derm7pt ({release})." : $"The Derm7pt release ({release}).",
            IsSynthetic = isSynthetic,
            ExampleCount = settings.ShowImages ? 6 : 0,
        });

    /// <summary>Loads the file, creates a prediction engine and predicts, as any other program would.</summary>
    public static IEnumerable<(CaseInput Input, CasePrediction Prediction)> ScoreSome(string modelFile, Derm7ptRelease release, int count)
    {
        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(modelFile, out _);
        using PredictionEngine<CaseInput, CasePrediction> engine = mlContext.Model.CreatePredictionEngine<CaseInput, CasePrediction>(model);
        foreach (CaseInput input in mlContext.Data.CreateEnumerable<CaseInput>(release.Test, reuseRowObject: false).Take(count))
            yield return (input, engine.Predict(input));
    }
}
