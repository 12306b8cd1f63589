using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using PaperExperiments;
using Samples.Shared;
using Spectre.Console;

namespace Derm7pt.MLNet.IntegrationTests.Samples;

[TestClass]
[TestCategory("Samples")]
public sealed class PaperExperimentsTests
{
    private const string NoticeText = "not a medical device";
    private const int Cases = 60;

    private static readonly string[] RunFiles =
    [
        "evaluation.csv", "evaluation.json", "gates.csv", "gates.json", "history.csv", "model.onnx", "model.zip", "run.json",
    ];

    private string _folder = "";

    public required TestContext TestContext { get; init; }

    [TestInitialize]
    public void Prepare() => _folder = Directory.CreateTempSubdirectory("derm7pt-paper-").FullName;

    [TestCleanup]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Presets_AgainstDefaults_DifferAsInThePaper()
    {
        var expected = new Dictionary<string, (Taxonomy, NetworkOptions)>
        {
            ["standard"] = (Taxonomy.Derm7pt, new()),
            ["binary-diagnosis"] = (Taxonomy.BinaryDiagnosis, new()),
            ["half-width"] = (Taxonomy.Derm7pt, new() { WidthMultiplier = 0.5 }),
            ["binary-diagnosis-half-width"] = (Taxonomy.BinaryDiagnosis, new() { WidthMultiplier = 0.5 }),
            ["closed-gates"] = (Taxonomy.Derm7pt, new() { Gates = GateMode.Closed }),
        };

        CollectionAssert.AreEqual(expected.Keys.ToArray(), Presets.All.Select(preset => preset.Name).ToArray());
        foreach (Preset preset in Presets.All)
        {
            (Taxonomy taxonomy, NetworkOptions network) = expected[preset.Name];
            Assert.AreEqual(taxonomy, preset.Taxonomy);
            Assert.AreEqual(Json(network), Json(preset.Network));
        }

        static string Json(NetworkOptions network) => new TrainingRecipe { Network = network }.ToJson();
    }

    [TestMethod]
    public void PaperSettings_AgainstDefaults_AreThePapers()
    {
        Assert.AreEqual(new TrainingRecipe().ToJson(), new ExperimentRun(Presets.Standard, Seed: 1).Recipe(ExperimentSettings.Paper).ToJson());
        Assert.AreEqual(256, ExperimentSettings.Paper.ImageSize);
        Assert.AreEqual(6, ExperimentSettings.Paper.SamplesPerLabel);
    }

    [TestMethod]
    public void Statistic_OfSeveralSeeds_LeavesOutWhatIsNotDefined()
    {
        var three = new Statistic([1, double.NaN, 2, 6]);
        var one = new Statistic([4]);

        Assert.AreEqual(3, three.Count);
        Assert.AreEqual(3, three.Mean);
        // √(((1−3)² + (2−3)² + (6−3)²) / 2)
        Assert.AreEqual(Math.Sqrt(7), three.Deviation, 1e-12);
        Assert.AreEqual(4, one.Mean);
        Assert.IsTrue(double.IsNaN(one.Deviation));
        Assert.IsTrue(double.IsNaN(new Statistic([]).Mean));
    }

    [TestMethod]
    public async Task Run_WithoutReleaseOrOfUnknownPreset_IsRefused()
    {
        using var errors = new StringWriter();

        int noRelease = await Command(out _).Parse(["--out", _folder])
            .InvokeAsync(new() { Error = errors, Output = errors }, TestContext.CancellationToken);
        int unknown = await Command(out _).Parse(["--fast", "--only", "double-width", "--out", _folder])
            .InvokeAsync(new() { Error = errors, Output = errors }, TestContext.CancellationToken);

        Assert.AreEqual(1, noRelease);
        Assert.AreEqual(1, unknown);
        Assert.Contains("--data", errors.ToString());
        Assert.Contains("double-width", errors.ToString());
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder));
    }

    [TestMethod]
    public async Task Run_InterruptedAndRunAgain_GoesOnAndSkipsWhatIsFinished()
    {
        // The run is interrupted in the second experiment.
        using var interruption = new CancellationTokenSource();
        var steps = new List<ExperimentProgress>();
        (int code, string output) = await RunAsync(
            epochs: 2,
            step =>
            {
                steps.Add(step);
                if (step is ExperimentProgress.Training { Run.Preset.Name: "closed-gates", Step: TrainingProgress.EpochDone })
                    interruption.Cancel();
            },
            interruption.Token);

        Assert.AreEqual(130, code, output);
        Assert.Contains("Run the same command again", output);
        CollectionAssert.AreEqual(RunFiles, Files("standard", "seed-1"));
        CollectionAssert.AreEqual(new[] { "training.ckpt" }, Files("closed-gates", "seed-1"));
        Assert.AreEqual(1, steps.OfType<ExperimentProgress.Finished>().Count());
        Assert.HasCount(1, Summary()["presets"]!.AsArray());
        DateTime written = File.GetLastWriteTimeUtc(At("standard", "seed-1", "run.json"));

        // In the second call, one experiment is skipped and one is resumed.
        steps.Clear();
        (code, output) = await RunAsync(epochs: 2, steps.Add, TestContext.CancellationToken);

        Assert.AreEqual(0, code, output);
        Assert.AreEqual("standard", steps.OfType<ExperimentProgress.Skipped>().Single().Run.Preset.Name);
        Assert.IsTrue(steps.OfType<ExperimentProgress.Started>().Single().Resumes);
        Assert.AreEqual(
            2,
            steps.OfType<ExperimentProgress.Training>().Select(step => step.Step).OfType<TrainingProgress.EpochDone>().Single().Metrics.Epoch);
        CollectionAssert.AreEqual(RunFiles, Files("closed-gates", "seed-1"));
        Assert.AreEqual(written, File.GetLastWriteTimeUtc(At("standard", "seed-1", "run.json")));
        AssertSummary("standard", "closed-gates");
        AssertModel(At("closed-gates", "seed-1"));
        foreach (string file in Directory.GetFiles(_folder, "summary.*")
            .Concat(Directory.GetFiles(_folder, "*.json", SearchOption.AllDirectories))
            // The file is read back unchanged, and contains no figures.
            .Where(file => Path.GetFileName(file) != "recipe.json"))
        {
            Assert.IsTrue(File.ReadAllText(file).Contains(NoticeText, StringComparison.Ordinal), file);
        }

        Assert.Contains(NoticeText, output);

        // Other settings are reported, and no file is overwritten.
        (code, output) = await RunAsync(epochs: 3, steps.Add, TestContext.CancellationToken);

        Assert.AreEqual(1, code, output);
        Assert.Contains("Broken: standard, seed 1.", output);
        Assert.Contains("Broken: closed-gates, seed 1.", output);
        Assert.Contains("Training.MaximumEpochs: 2 in the finished run, 3 now", output);
        Assert.AreEqual(written, File.GetLastWriteTimeUtc(At("standard", "seed-1", "run.json")));

        // A run whose checkpoint is damaged does not stop the next one.
        Directory.Delete(At("standard"), recursive: true);
        Directory.Delete(At("closed-gates"), recursive: true);
        Directory.CreateDirectory(At("standard", "seed-1"));
        File.WriteAllText(At("standard", "seed-1", "training.ckpt"), "not a checkpoint");
        (code, output) = await RunAsync(epochs: 1, steps.Add, TestContext.CancellationToken);

        Assert.AreEqual(1, code, output);
        Assert.Contains("Broken: standard, seed 1.", output);
        Assert.DoesNotContain("Broken: closed-gates", output);
        AssertSummary("closed-gates");
    }

    /// <summary>Computes the figures of the summary again from the files of the runs.</summary>
    private void AssertSummary(params string[] presets)
    {
        JsonArray summaries = Summary()["presets"]!.AsArray();
        CollectionAssert.AreEqual(presets, summaries.Select(preset => preset!["name"]!.GetValue<string>()).ToArray());
        string markdown = File.ReadAllText(At("summary.md")), csv = File.ReadAllText(At("summary.csv"));
        foreach (JsonNode preset in summaries.Select(preset => preset!))
        {
            string name = preset["name"]!.GetValue<string>();
            JsonNode evaluation = Read(name, "seed-1", "evaluation.json"), overall = Read(name, "seed-1", "gates.json")["overall"]!;
            foreach (string measure in new[] { "accuracy", "macroRecall", "macroPrecision", "macroF1" })
            {
                Check("average", "all tasks", measure, evaluation["allTasks"]!["model"]![measure]);
                foreach (JsonNode task in evaluation["tasks"]!.AsArray().Select(task => task!))
                    Check("task", task["name"]!.GetValue<string>(), measure, task["model"]![measure]);
            }

            Check("melanoma", "probability", "auroc", evaluation["melanoma"]!["auroc"]);
            foreach (string measure in new[] { "sensitivity", "specificity", "ppv", "f1" })
            {
                Check("melanoma call", "direct diagnosis", measure, evaluation["sevenPoint"]!["directDiagnosis"]![measure]);
                foreach (int threshold in new[] { 1, 3 })
                {
                    JsonNode point = evaluation["sevenPoint"]!["thresholds"]!.AsArray()
                        .Single(at => at!["threshold"]!.GetValue<int>() == threshold)!;
                    Check("melanoma call", $"score >= {threshold}", measure, point["rule"]![measure]);
                }
            }

            double[] taken = overall["taken"].Deserialize<double[]>()!;
            Assert.AreEqual(100 * taken.Average(), Figure("sharing", "all tasks", "mean"), 1e-9);
            double[][] percent = overall["percent"].Deserialize<double[][]>()!;
            Assert.AreEqual(percent[0][1], Figure("sharing matrix of all blocks", "Diagnosis takes from PigmentNetwork", "percent"), 1e-9);
            string row = markdown.Split('\n').Single(line => line.StartsWith("| Melanoma AUROC |", StringComparison.Ordinal));
            Assert.Contains($"| {evaluation["melanoma"]!["auroc"]!.GetValue<double>():F3} |", row);

            void Check(string scope, string item, string measure, JsonNode? expected)
            {
                JsonNode figure = Find(scope, item, measure);
                // A figure that is not defined is null, for example the precision if no case was classified as melanoma.
                Assert.AreEqual(expected?.GetValue<double>(), figure["mean"]?.GetValue<double>(), $"{name}, {scope}, {item}, {measure}");
                Assert.IsNull(figure["sd"]);
                string field = item.Contains(',', StringComparison.Ordinal) ? $"\"{item}\"" : item;
                string value = expected?.GetValue<double>().ToString("R", CultureInfo.InvariantCulture) ?? "";
                Assert.Contains($"{name},{scope},{field},{measure},{value},,{(expected is null ? 0 : 1)}\n", csv);
            }

            double Figure(string scope, string item, string measure) => Find(scope, item, measure)["mean"]!.GetValue<double>();

            JsonNode Find(string scope, string item, string measure) => preset["figures"]!.AsArray().Single(figure =>
                (figure!["scope"]!.GetValue<string>(), figure["item"]!.GetValue<string>(), figure["measure"]!.GetValue<string>()) ==
                (scope, item, measure))!;
        }
    }

    private static void AssertModel(string folder)
    {
        using Derm7ptMultiTaskTransformer model = new MLContext().Model.LoadDerm7ptMultiTask(Path.Combine(folder, "model.zip"));
        Assert.HasCount(2, model.History.Epochs);
        Assert.AreEqual(0, model.Gates.Overall().MeanSharing);
        using Derm7ptMultiTaskTransformer onnx = new MLContext().Model.LoadDerm7ptMultiTask(Path.Combine(folder, "model.onnx"));
        Assert.AreEqual(model.ParameterCount, onnx.ParameterCount);
    }

    private async Task<(int Code, string Output)> RunAsync(
        int epochs, Action<ExperimentProgress> observer, CancellationToken cancellation)
    {
        string[] arguments =
        [
            "--fast", "--only", "standard", "closed-gates", "--out", _folder, "--device", "Cpu",
            "--epochs", $"{epochs}", "--image-size", "96", "--samples-per-label", "1", "--cases", $"{Cases}",
        ];
        int code = await Command(out StringWriter output, observer).Parse(arguments).InvokeAsync(cancellationToken: cancellation);
        return (code, output.ToString());
    }

    private static System.CommandLine.RootCommand Command(out StringWriter output, Action<ExperimentProgress>? observer = null)
    {
        output = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        // Lines are long enough that messages are not wrapped.
        console.Profile.Width = 1000;
        return ExperimentCommand.Create(console, observer is null ? null : new Callback<ExperimentProgress>(observer));
    }

    private JsonNode Summary() => Read("summary.json");

    private JsonNode Read(params string[] path) => JsonNode.Parse(File.ReadAllText(At(path)))!;

    private string[] Files(params string[] path) =>
        [.. Directory.GetFiles(At(path)).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    private string At(params string[] path) => Path.Combine([_folder, .. path]);
}
