using System.Text.Json;
using Derm7pt.MLNet.Benchmarks;
using Derm7pt.MLNet.Tests.Training;
using Spectre.Console;

namespace Derm7pt.MLNet.Tests.Benchmarks;

[TestClass]
public class BenchmarkCommandTests
{
    [TestMethod]
    public void Invoke_QuickSections_WritesRowsOfThem()
    {
        using var folder = new TemporaryFolder();
        var console = new StringWriter();

        int exitCode = Invoke(console, "--quick", "--rounds", "1", "--only", "step,score", "--out", folder.Path);

        Assert.AreEqual(0, exitCode, console.ToString());
        using JsonDocument results = JsonDocument.Parse(File.ReadAllBytes(folder.File("benchmarks.json")));
        JsonElement[] rows = [.. results.RootElement.GetProperty("rows").EnumerateArray()];
        CollectionAssert.AreEqual(new[] { "step", "step", "score" }, rows.Select(row => row.GetProperty("section").GetString()).ToArray());
        foreach (JsonElement row in rows)
            Assert.IsGreaterThan(0, row.GetProperty("ratio").GetDouble());
    }

    [TestMethod]
    public void Invoke_QuickPretrainedSection_WritesEverySeedOfEveryTraining()
    {
        using var folder = new TemporaryFolder();
        var console = new StringWriter();

        int exitCode = Invoke(console, "--quick", "--only", "pretrained", "--out", folder.Path);

        Assert.AreEqual(0, exitCode, console.ToString());
        using JsonDocument results = JsonDocument.Parse(File.ReadAllBytes(folder.File("benchmarks.json")));
        JsonElement[] trainings = [.. results.RootElement.GetProperty("learning").EnumerateArray()];
        CollectionAssert.AreEqual(
            new[] { "pretrained ResNet-18, 2 steps", "network of the paper from random weights, 2 steps", "network of the paper from random weights, 4 steps" },
            trainings.Select(training => training.GetProperty("name").GetString()).ToArray());
        foreach (JsonElement training in trainings)
        {
            double[] seeds = [.. training.GetProperty("seeds").EnumerateArray().Select(seed => seed.GetProperty("macroF1").GetProperty("estimate").GetDouble())];
            Assert.HasCount(2, seeds);
            Assert.AreEqual(seeds.Average(), training.GetProperty("macroF1").GetProperty("estimate").GetDouble(), 1e-12);
        }
    }

    [TestMethod]
    public void All_OptionalSections_AreNotRunByDefault() =>
        CollectionAssert.AreEqual(new[] { "pretrained" }, Sections.All.Where(section => section.IsOptional).Select(section => section.Id).ToArray());

    [TestMethod]
    public void Invoke_UnknownSection_RefusesIt() => Assert.AreNotEqual(0, Invoke(new StringWriter(), "--only", "step,nothing"));

    private static int Invoke(TextWriter output, params string[] arguments)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        return BenchmarkCommand.Create(console).Parse(arguments).Invoke(new() { Output = output, Error = output });
    }
}
