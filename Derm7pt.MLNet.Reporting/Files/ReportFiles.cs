using Derm7pt.MLNet.Reporting.Sections;

namespace Derm7pt.MLNet.Reporting.Files;

/// <summary>The files of a report.</summary>
internal static class ReportFiles
{
    public const string Page = "report.html";

    /// <summary>Names and contents, the page first.</summary>
    public static IEnumerable<(string Name, string Content)> Of(ReportInput input)
    {
        ModelCard card = ModelCard.Of(input);
        yield return (Page, ReportPage.Render(input, card));
        yield return ("evaluation.json", input.Test.ToJson() + "\n");
        yield return ("evaluation.csv", Text(input.Test.WriteCsv));
        if (input.Validation is { } validation)
        {
            yield return ("validation.json", validation.ToJson() + "\n");
            yield return ("validation.csv", Text(validation.WriteCsv));
        }

        yield return ("gates.json", input.Model.Gates.ToJson() + "\n");
        yield return ("gates.csv", Text(writer => input.Model.Gates.WriteCsv(writer)));
        yield return ("history.csv", Text(writer => HistoryCsv.Write(writer, input.Model.Taxonomy, input.Model.History)));
        yield return ("model-card.md", card.ToMarkdown());
    }

    private static string Text(Action<TextWriter> write)
    {
        using var writer = new StringWriter();
        write(writer);
        return writer.ToString();
    }
}
