using System.Text.Json;
using Derm7pt.MLNet;
using Derm7pt.MLNet.Reporting;
using Derm7pt.MLNet.Synthetic;
using Derm7pt.MLNet.Tests.Child;
using Microsoft.ML;
using Microsoft.ML.Data;

// Each command is one use of the library, and the first in its process. The tests read the exceptions.
var mlContext = new MLContext(seed: 1);
switch (args)
{
    case ["whole-run", var folder]:
        WholeRun(folder);
        break;
    case ["without-reflection", var folder]:
        WithoutReflection(folder);
        break;
    case ["fit", var folder]:
        Train(mlContext, folder, out _);
        break;
    case ["grad-cam", var model]:
        mlContext.Model.LoadDerm7ptMultiTask(model).CreateGradCam();
        break;
    case ["explain", var model]:
        Explain(model);
        break;
    case ["beside", var folder]:
        Train(mlContext, folder, out _);
        OtherTrainers.TryAll(mlContext);
        break;
    case ["low-memory", var small, var large]:
        LowMemory.Decode(mlContext, small, large);
        break;
    case ["page-faults", var folder]:
        PageFaults.CountInTraining(mlContext, folder);
        break;
    case ["variable", var name]:
        _ = Taxonomy.Derm7pt;
        Console.WriteLine($"{name}={NativeEnvironment.Get(name)}");
        break;
    default:
        throw new ArgumentException($"Unknown command '{string.Join(' ', args)}'.");
}

Console.WriteLine("done");

void WholeRun(string folder)
{
    var model = Train(mlContext, folder, out Derm7ptRelease release);
    IDataView scored = model.Transform(release.Test);
    Derm7ptReport.Write(Path.Combine(folder, "report"), model.LastTransformer, scored);
    string file = Path.Combine(folder, "model.zip");
    mlContext.Model.Save(model, release.Test.Schema, file);
    ITransformer loaded = mlContext.Model.Load(file, out _);
    mlContext.MulticlassClassification.EvaluateDerm7pt(loaded.Transform(release.Test));
    Explain(file);
}

void WithoutReflection(string folder)
{
    AppContext.SetSwitch("System.Text.Json.JsonSerializer.IsReflectionEnabledByDefault", false);
    if (JsonSerializer.IsReflectionEnabledByDefault)
        throw new InvalidOperationException("JSON by reflection is still on.");
    _ = Taxonomy.FromJson(Taxonomy.BinaryDiagnosis.ToJson());
    WholeRun(Path.Combine(folder, "whole"));
    // The first run writes a checkpoint, the second one reads it.
    string checkpoint = Path.Combine(folder, "run.ckpt");
    Train(mlContext, Path.Combine(folder, "first"), out _, checkpoint);
    Train(mlContext, Path.Combine(folder, "second"), out _, checkpoint);
}

void Explain(string file)
{
    using Derm7ptMultiTaskTransformer stage = mlContext.Model.LoadDerm7ptMultiTask(file);
    stage.ExplainByOcclusion(new float[3 * stage.ImageHeight * stage.ImageWidth], "Streaks");
}

static TransformerChain<Derm7ptMultiTaskTransformer> Train(MLContext mlContext, string folder, out Derm7ptRelease release, string? checkpoint = null)
{
    SyntheticRelease.Write(folder, new SyntheticReleaseOptions { Cases = 90, Width = 96, Height = 64, Seed = 3 });
    release = mlContext.Data.LoadDerm7pt(folder);
    return mlContext.Transforms.LoadImages("Image", imageFolder: "", "ImagePath")
        .Append(mlContext.Transforms.ResizeImages("Image", 32, 32))
        .Append(mlContext.Transforms.Derm7ptBalancedSampling(samplesPerLabel: 1))
        .Append(mlContext.Transforms.Derm7ptMultiTask(new Derm7ptMultiTaskEstimator.Options
        {
            Network = new NetworkOptions { FiltersPerBlock = [1, 2] },
            Training = new TrainingOptions { MaximumEpochs = 1, BatchesPerEpoch = 1 },
            Runtime = new RuntimeOptions { Device = ComputeDevice.Cpu, CheckpointPath = checkpoint },
        }))
        .Fit(release.Train);
}
