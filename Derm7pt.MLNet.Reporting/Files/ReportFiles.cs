using System.Text.Json;
using System.Text.Json.Nodes;
using Derm7pt.MLNet.Reporting.Sections;

namespace Derm7pt.MLNet.Reporting.Files;

/// <summary>Creates the files of a report.</summary>
internal static class ReportFiles
{
    public const string Page = "report.html";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Names and contents, the page first.</summary>
    public static IEnumerable<(string Name, string Content)> Of(ReportInput input)
    {
        ModelCard card = ModelCard.Of(input);
        yield return (Page, ReportPage.Render(input, card));
        yield return ("evaluation.json", WithNotice(input.Test.ToJson()));
        yield return ("evaluation.csv", Text(input.Test.WriteCsv));
        if (input.Validation is { } validation)
        {
            yield return ("validation.json", WithNotice(validation.ToJson()));
            yield return ("validation.csv", Text(validation.WriteCsv));
        }

        if (input.Model.Recipe is { } recipe)
            yield return ("recipe.json", recipe.ToJson() + "\n");
        if (input.Model.HasGates)
        {
            yield return ("gates.json", WithNotice(input.Model.Gates.ToJson()));
            yield return ("gates.csv", Text(writer => input.Model.Gates.WriteCsv(writer)));
        }

        for (int i = 0; i < input.Model.MemberCount; i++)
        {
            TrainingHistory history = input.Model.MemberHistories[i];
            string name = input.Model.MemberCount == 1 ? "history.csv" : Invariant($"history-{i + 1}.csv");
            yield return (name, Text(writer => HistoryCsv.Write(writer, input.Model.Taxonomy, history)));
        }

        yield return ("model-card.md", card.ToMarkdown());
    }

    /// <summary>Adds the disclaimer to exported measures.</summary>
    private static string WithNotice(string json)
    {
        JsonObject root = JsonNode.Parse(json)!.AsObject();
        root.Insert(0, "notice", ReportPage.Disclaimer);
        return root.ToJsonString(Indented) + "\n";
    }

    private static string Text(Action<TextWriter> write)
    {
        using var writer = new StringWriter();
        write(writer);
        return writer.ToString();
    }
}
