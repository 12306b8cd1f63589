using Derm7pt.MLNet.Reporting.Html;

namespace Derm7pt.MLNet.Reporting.Sections;

/// <summary>The model card as part of the page.</summary>
internal static class ModelCardSection
{
    public static Section Of(ModelCard card) => new("model-card", "Model card", "Model card",
    [
        Tag.Of("p", Tag.Of("strong", ReportPage.Disclaimer)),
        card.Parts.Select(part => new object[]
        {
            Tag.Of("h3", part.Title), Tag.Of("ul", part.Statements.Select(statement => Tag.Of("li", statement))),
        }),
    ]);
}
