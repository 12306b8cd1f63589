using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Interpretation;
using Derm7pt.MLNet.Reporting;
using Derm7pt.MLNet.Tests.Training;

namespace Derm7pt.MLNet.Tests.Reporting;

[TestClass]
public sealed partial class Derm7ptReportTests
{
    private static readonly string[] Files =
    [
        "evaluation.csv", "evaluation.json", "gates.csv", "gates.json", "history.csv", "model-card.md", "recipe.json", "report.html",
        "validation.csv", "validation.json",
    ];

    private static ReportFixture Report => ReportFixture.Shared;

    [TestMethod]
    public void Write_TrainedModel_LeavesAllFilesAndNoOthers()
    {
        string folder = Path.GetDirectoryName(Report.Page)!;

        CollectionAssert.AreEqual(Files, Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray());
        Assert.IsEmpty(Directory.GetDirectories(Path.GetDirectoryName(folder)!, Path.GetFileName(folder) + ".*.tmp"));
    }

    [TestMethod]
    public void Write_Ensemble_NamesItsMembersAndHasAHistoryOfEach()
    {
        TinyRun run = TinyRun.Shared;
        using Derm7ptMultiTaskTransformer ensemble = run.Ml.Model.CombineDerm7pt([run.Model.LastTransformer, run.Model.LastTransformer]);
        using var folder = new TemporaryFolder();

        Derm7ptReport.Write(
            folder.Path, ensemble, ensemble.Transform(run.Images.Transform(run.Release.Test)),
            new ReportOptions { ExampleCount = 1, Evaluation = new MultiTaskEvaluation.Options { BootstrapResamples = 0 } });

        string card = File.ReadAllText(folder.File("model-card.md"));
        StringAssert.Contains(card, "An ensemble of 2 networks, which were trained separately");
        StringAssert.Contains(card, "2, 2 epochs of training");
        Assert.AreEqual(Report.Read("history.csv"), File.ReadAllText(folder.File("history-2.csv")));
        Assert.IsFalse(File.Exists(folder.File("history.csv")));
        StringAssert.Contains(File.ReadAllText(folder.File("report.html")), "<dt>Networks (ensemble)</dt><dd>2</dd>");
    }

    [TestMethod]
    public void Write_FilesBesideThePage_HoldTheEvaluationAndTheGates()
    {
        foreach ((string file, string expected) in new[]
        {
            ("evaluation.json", Report.Input.Test.ToJson()), ("gates.json", Report.Input.Model.Gates.ToJson()),
        })
        {
            JsonObject actual = JsonNode.Parse(Report.Read(file))!.AsObject();
            Assert.AreEqual("Research software, not a medical device.", (string?)actual["notice"]);
            actual.Remove("notice");
            Assert.IsTrue(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), file);
        }

        Assert.AreEqual(Report.Input.Model.Recipe!.ToJson(), TrainingRecipe.FromJson(Report.Read("recipe.json")).ToJson());
        StringAssert.Contains(Report.Read("model-card.md"), "Network options: FiltersPerBlock = ");
        StringAssert.Contains(Report.Read("model-card.md"), "LearningRate = 0.001, ");
        StringAssert.Contains(Report.Read("model-card.md"), "Sampling: ");

        using var csv = new StringWriter();
        Report.Input.Test.WriteCsv(csv);
        Assert.AreEqual(csv.ToString(), Report.Read("evaluation.csv"));

        string[] history = Report.Read("history.csv").TrimEnd().Split('\n');
        TrainingHistory measured = Report.Input.Model.History;
        Assert.HasCount(measured.Epochs.Count + 1, history);
        Assert.AreEqual(measured.Epochs[0].TrainingLoss.ToString("R", CultureInfo.InvariantCulture), history[1].Split(',')[3]);
    }

    [TestMethod]
    public void Write_Page_HoldsTheNumbersOfEveryTaskAndLabel()
    {
        foreach (TaskEvaluation task in Report.Input.Test.Tasks)
        {
            string row = Rows.Matches(Report.Html).Select(match => match.Value).First(row => row.Contains($">{task.Task.Title}<small>", StringComparison.Ordinal));
            TaskMeasures measures = task.Model.Measures;
            foreach (double value in new[] { measures.Accuracy, measures.BalancedAccuracy, measures.MacroF1, measures.LogLoss })
                Assert.Contains($"data-value=\"{value.ToString("R", CultureInfo.InvariantCulture)}\">{value.ToString("F3", CultureInfo.InvariantCulture)}", row);
            foreach (LabelEvaluation label in task.Model.Labels)
                Assert.Contains($"data-value=\"{label.Counts.Specificity.ToString("R", CultureInfo.InvariantCulture)}\"", Report.Html);
        }
    }

    [TestMethod]
    public void Write_HostileText_IsEncodedAndNotFilledInAgain()
    {
        Assert.DoesNotContain("alert('title')", Report.Html);
        Assert.DoesNotContain("<img src=x", Report.Html);
        Assert.Contains("&lt;script&gt;alert(&#x27;title&#x27;)&lt;/script&gt; &amp; &quot;co&quot;", Report.Html);
        Assert.Contains("{{style}}", Report.Html);
        Assert.HasCount(2, Regex.Matches(Report.Html, "<script"));
        Assert.Contains(@"\<script\>", Report.Read("model-card.md"));
    }

    [TestMethod]
    public void Write_Page_LoadsNothingFromElsewhere()
    {
        string[] sources = [.. Sources.Matches(Report.Html).Select(match => match.Groups[1].Value)];

        Assert.IsNotEmpty(sources);
        foreach (string source in sources)
            Assert.IsTrue(source.StartsWith("data:", StringComparison.Ordinal) || source.StartsWith('#'), source);
        Assert.DoesNotContain("@import", Report.Html);
        Assert.DoesNotContain("http://", Report.Html);
        Assert.DoesNotContain("https://", Report.Html);
        Assert.IsLessThan(3_000_000, Report.Html.Length);
    }

    [TestMethod]
    public void Write_Page_SaysOnTopAndBottomWhatItIsNot()
    {
        const string Disclaimer = "Research software, not a medical device.";
        string body = Report.Html[Report.Html.IndexOf("<body>", StringComparison.Ordinal)..];

        Assert.IsLessThan(body.IndexOf("<h1>", StringComparison.Ordinal), body.IndexOf(Disclaimer, StringComparison.Ordinal));
        Assert.IsGreaterThan(body.IndexOf("<footer>", StringComparison.Ordinal), body.LastIndexOf(Disclaimer, StringComparison.Ordinal));
        Assert.HasCount(3, Regex.Matches(Report.Read("model-card.md") + body[..body.IndexOf("<header>", StringComparison.Ordinal)], Disclaimer));
    }

    [TestMethod]
    public void Write_Page_StepsThroughAllEpochsAndEndsWithTheModel()
    {
        string json = SharingData.Match(Report.Html).Groups[1].Value;
        JsonArray steps = JsonNode.Parse(json)!.AsArray();
        GateInterpretation gates = Report.Input.Model.Gates;

        Assert.HasCount(gates.Epochs.Count + 1, steps);
        JsonArray last = steps[^1]!["matrices"]!.AsArray();
        Assert.HasCount(1 + gates.BlockCount, last);
        Assert.AreEqual(gates.Overall()[2, 5], (double)last[0]!.AsArray()[(2 * gates.Taxonomy.Tasks.Count) + 5]!, 0.051);
        Assert.AreEqual(gates.Epochs[0].Blocks[1][0, 3], (double)steps[0]!["matrices"]![2]![3]!, 0.051);
    }

    [TestMethod]
    public void Write_SameInputTwice_GivesTheSameBytes()
    {
        string folder = Directory.CreateTempSubdirectory("derm7pt-report-").FullName;
        try
        {
            Derm7ptReport.Write(folder, Report.Input);

            foreach (string file in Files)
                Assert.AreEqual(Report.Read(file), File.ReadAllText(Path.Combine(folder, file)), file);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Write_InputThatFails_LeavesTheLastReportAndNothingElse()
    {
        string parent = Directory.CreateTempSubdirectory("derm7pt-report-").FullName, folder = Path.Combine(parent, "report");
        try
        {
            string page = Derm7ptReport.Write(folder, Report.Input with { Examples = [] });
            File.WriteAllText(Path.Combine(folder, "mine.txt"), "stays");
            string before = File.ReadAllText(page);
            ExampleCase example = Report.Input.Examples[0];
            var broken = new ExampleCase(example.Name, example.Height, example.Width, new float[3], example.Predictions);

            Assert.ThrowsExactly<ArgumentException>(() => Derm7ptReport.Write(folder, Report.Input with { Title = "new", Examples = [broken] }));

            Assert.AreEqual(before, File.ReadAllText(page));
            Assert.HasCount(Files.Length + 1, Directory.GetFiles(folder));
            Assert.HasCount(1, Directory.GetFileSystemEntries(parent));
        }
        finally
        {
            Directory.Delete(parent, recursive: true);
        }
    }

    [TestMethod]
    public void Create_ScoredData_EvaluatesAsTheCatalogDoesAndShowsRightAndWrongCases()
    {
        TinyRun run = TinyRun.Shared;
        MultiTaskEvaluation expected = run.Ml.MulticlassClassification.EvaluateDerm7pt(
            run.Scored, new MultiTaskEvaluation.Options { BootstrapResamples = 50 });

        Assert.AreEqual(expected.ToJson(), Report.Input.Test.ToJson());
        Assert.HasCount(4, Report.Input.Examples);
        int wrong = Report.Input.Examples.Count(example => example.Predictions[0].IsRight == false);
        Assert.IsInRange(1, 4, wrong);
        foreach (ExampleCase example in Report.Input.Examples)
        {
            Assert.EndsWith(".jpg", example.Name.ToLowerInvariant());
            Assert.HasCount(8, example.Predictions);
            Assert.IsTrue(example.Pixels.Span.IndexOfAnyExceptInRange(0f, 1f) < 0);
            Assert.AreEqual(4 * TinyRun.ImageSize * TinyRun.ImageSize, example.Predictions[3].Overlay.Length);
        }
    }

    [GeneratedRegex("<tr[^>]*>.*?</tr>", RegexOptions.Singleline)]
    private static partial Regex Rows { get; }

    [GeneratedRegex("(?:src|href)=\"([^\"]*)\"")]
    private static partial Regex Sources { get; }

    [GeneratedRegex("id=\"sharing-data\">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex SharingData { get; }
}
