using System.Text.Json.Nodes;

namespace PaperExperiments;

/// <summary>Writes a comparison as <c>summary.json</c>, <c>summary.csv</c> and <c>summary.md</c>.</summary>
internal static class SummaryFiles
{
    public static string Markdown(string output) => Path.Combine(output, "summary.md");

    public static string Csv(string output) => Path.Combine(output, "summary.csv");

    public static string Json(string output) => Path.Combine(output, "summary.json");

    public static void Write(string output, Comparison comparison)
    {
        ResultFile.WriteJson(Json(output), ToJson(comparison));
        ResultFile.WriteCsv(Csv(output), ToCsv(comparison));
        ResultFile.Write(Markdown(output), text => WriteMarkdown(text, comparison));
    }

    private static JsonObject ToJson(Comparison comparison) => new()
    {
        ["data"] = comparison.Release.ToString(),
        ["settings"] = new JsonObject(
            comparison.Settings.DescribeAll().Select(setting => KeyValuePair.Create(setting.Key, (JsonNode?)setting.Value))),
        ["presets"] = new JsonArray([.. comparison.Presets.Select(Json)]),
        ["expectations"] = new JsonArray([.. comparison.Expectations.Select(Json)]),
        ["leftOut"] = new JsonArray([.. comparison.LeftOut.Select(reason => JsonValue.Create(reason))]),
    };

    private static JsonNode Json(PresetSummary preset) => new JsonObject
    {
        ["name"] = preset.Preset.Name,
        ["description"] = preset.Preset.Description,
        ["seeds"] = new JsonArray([.. preset.Seeds.Select(seed => JsonValue.Create(seed))]),
        ["figures"] = new JsonArray([.. preset.Figures.Select(figure => Json(figure.Key, figure.Value))]),
    };

    private static JsonNode Json(FigureKey key, Statistic statistic) => new JsonObject
    {
        ["scope"] = key.Scope,
        ["item"] = key.Item,
        ["measure"] = key.Measure,
        ["mean"] = ResultFile.Number(statistic.Mean),
        ["sd"] = ResultFile.Number(statistic.Deviation),
        ["runs"] = statistic.Count,
    };

    private static JsonNode Json(ExpectationOutcome outcome) => new JsonObject
    {
        ["article"] = outcome.Expectation.Claim,
        ["more"] = outcome.Expectation.More.Name,
        ["less"] = outcome.Expectation.Less.Name,
        ["meanSharingOfMore"] = ResultFile.Number(outcome.More.Mean),
        ["meanSharingOfLess"] = ResultFile.Number(outcome.Less.Mean),
        ["orderOfMeansIsTheArticles"] = outcome.Met,
    };

    private static IEnumerable<string[]> ToCsv(Comparison comparison) =>
    [
        ["preset", "scope", "item", "measure", "mean", "sd", "runs"],
        // CSV has no comments.
        ["", "notice", Notice.Text, "", "", "", ""],
        .. from preset in comparison.Presets
           from figure in preset.Figures
           select (string[])
           [
               preset.Preset.Name, figure.Key.Scope, figure.Key.Item, figure.Key.Measure,
               ResultFile.Field(figure.Value.Mean), ResultFile.Field(figure.Value.Deviation), $"{figure.Value.Count}",
           ],
    ];

    private static void WriteMarkdown(TextWriter text, Comparison comparison)
    {
        text.WriteLine("# The paper's experiments\n");
        text.WriteLine($"**{Notice.Text}**");
        foreach (string line in SummaryTables.Introduction(comparison))
            text.WriteLine($"\n{line}");
        foreach (TextTable table in SummaryTables.All(comparison))
        {
            text.WriteLine($"\n## {table.Title}\n");
            WriteRow(text, table.Header);
            WriteRow(text, [.. table.Header.Select((_, column) => column < table.NameColumns ? "---" : "---:")]);
            foreach (IReadOnlyList<string> row in table.Rows)
                WriteRow(text, row);
        }

        if (comparison.Expectations.Count == 0)
            return;
        text.WriteLine("\n## Sharing: the article and these runs\n");
        foreach (string line in SummaryTables.Expectations(comparison))
            text.WriteLine($"- {line}");
    }

    private static void WriteRow(TextWriter text, IEnumerable<string> cells) => text.WriteLine($"| {string.Join(" | ", cells)} |");
}
