using System.CommandLine;
using Derm7pt.MLNet;
using Derm7pt.MLNet.Reporting;
using Derm7pt.MLNet.Synthetic;
using Microsoft.ML;
using QuickStart;
using Samples.Shared;
using Spectre.Console;

var data = new Option<DirectoryInfo?>("--data")
{
    Description = "A Derm7pt release (the folder release_v0). Without it a synthetic release is drawn.",
};
var output = new Option<DirectoryInfo>("--out")
{
    Description = "Where the synthetic release and the model go.",
    DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("runs", "quickstart")),
};
var recipe = new Option<FileInfo?>("--recipe")
{
    Description = "The network and how it is trained, such as the recipe.json of another run. The next three options override it.",
};
var preset = new Option<Preset?>("--preset")
{
    Description = "Pretrained: a ResNet-18 with gates on its features (the default with --data). Paper: the paper's network from random weights.",
};
var gates = new Option<GateMode?>("--gates") { Description = "Learned gates (the default), or closed ones: independent single-task networks." };
var seed = new Option<int?>("--seed") { Description = "Decides everything that is random; 1 by default." };
var epochs = new Option<int?>("--epochs") { Description = "Epochs at most. By default those of the preset: 14 pretrained, 999 of the paper; 60 on the synthetic release." };
var folds = new Option<int?>("--folds") { Description = "Cross-validate the train split with this many folds, and go on with the ensemble of the models." };
var device = new Option<ComputeDevice>("--device") { Description = "Where to train.", DefaultValueFactory = _ => ComputeDevice.Auto };

var showImages = new Option<bool>("--show-images")
{
    Description = "Put images of a real release into the report. Do not pass such a report on: the release may not be redistributed.",
};

var command = new RootCommand("Trains, evaluates, saves and reloads a gated multi-task model. Research software, not a medical device.")
{
    data, output, preset, recipe, gates, seed, epochs, folds, device, showImages,
};
command.SetAction((parsed, cancellation) =>
{
    DirectoryInfo? release = parsed.GetValue(data);
    RunSettings Settings()
    {
        RunSettings settings = release is null && parsed.GetValue(preset) is null
            ? RunSettings.Synthetic
            : RunSettings.Of(parsed.GetValue(preset) ?? Preset.Pretrained);
        TrainingRecipe chosen = parsed.GetValue(recipe) is { } file ? TrainingRecipe.FromJson(File.ReadAllText(file.FullName)) : settings.Recipe;
        return settings with
        {
            Recipe = new TrainingRecipe
            {
                Network = new NetworkOptions(chosen.Network) { Gates = parsed.GetValue(gates) ?? chosen.Network.Gates },
                Training = new TrainingOptions(chosen.Training)
                {
                    Seed = parsed.GetValue(seed) ?? chosen.Training.Seed,
                    MaximumEpochs = parsed.GetValue(epochs) ?? chosen.Training.MaximumEpochs,
                },
            },
            Device = parsed.GetValue(device),
            Folds = parsed.GetValue(folds),
            ShowImages = release is null || parsed.GetValue(showImages),
        };
    }

    // The work runs on a separate thread, since Ctrl-C is handled only after the action has returned its task.
    return Task.Run(() => Run(release, parsed.GetValue(output)!, Settings, cancellation), CancellationToken.None);
});
// The timeout is long enough to finish a mini-batch and to write the checkpoint.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });

static int Run(DirectoryInfo? releaseFolder, DirectoryInfo output, Func<RunSettings> createSettings, CancellationToken cancellation)
{
    string checkpoint = Path.Combine(output.FullName, "training.ckpt");
    try
    {
        RunSettings settings = createSettings();
        output.Create();
        string folder = releaseFolder?.FullName ?? SyntheticReleaseFolder.Ensure(
            AnsiConsole.Console, output, new SyntheticReleaseOptions { Seed = settings.Recipe.Training.Seed }, cancellation);
        var mlContext = new MLContext(settings.Recipe.Training.Seed);
        Derm7ptRelease release = mlContext.Data.LoadDerm7pt(folder);
        Show.Release(release);

        using Derm7ptMultiTaskTransformer network = Steps.Train(
            mlContext, release, settings, checkpoint, out ITransformer model, cancellation);
        Show.Gates(network);
        ReportInput report = Steps.Evaluate(network, model, release, settings, isSynthetic: releaseFolder is null);
        Show.Evaluation(report.Test);
        string page = Derm7ptReport.Write(Path.Combine(output.FullName, "report"), report);
        AnsiConsole.MarkupLineInterpolated($"\nThe whole report: [bold]{page}[/]");

        string modelFile = Path.Combine(output.FullName, "model.zip");
        mlContext.Model.Save(model, release.Test.Schema, modelFile);
        File.WriteAllText(Path.Combine(output.FullName, "recipe.json"), network.Recipe!.ToJson());
        foreach (string file in Steps.Checkpoints(checkpoint))
            File.Delete(file);
        AnsiConsole.MarkupLineInterpolated($"\nSaved [bold]{modelFile}[/] ({new FileInfo(modelFile).Length / 1024.0:F0} KB). Predictions of the reloaded model for the first test images:\n");

        Show.Predictions(Steps.ScoreSome(modelFile, release, count: 4));
        AnsiConsole.MarkupLine("\n[grey]Research software, not a medical device: nothing here is a diagnosis.[/]");
        return 0;
    }
    catch (OperationCanceledException e)
    {
        AnsiConsole.MarkupLineInterpolated($"[yellow]{e.Message}[/]");
        if (Steps.Checkpoints(checkpoint).Any())
            AnsiConsole.MarkupLine("Run the same command again to go on.");
        return 130;
    }
    catch (Exception e) when (e is FormatException or IOException or InvalidDataException or ArgumentException or InvalidOperationException)
    {
        // Errors that the user can correct are shown as one message, without a stack trace.
        AnsiConsole.WriteLine(e.Message);
        return 1;
    }
}
