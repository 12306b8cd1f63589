using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Derm7pt.MLNet.Reporting.Html;

namespace Derm7pt.MLNet.Reporting.Sections;

/// <summary>Creates the page.</summary>
internal static class ReportPage
{
    public const string Disclaimer = "Research software, not a medical device.";

    public static string Render(ReportInput input, ModelCard card)
    {
        IReadOnlyList<Section> sections =
        [
            .. new Section?[]
            {
                SummarySection.Of(input),
                MeasuresSection.Of(input),
                TrainingSection.Of(input),
                SharingSection.Of(input),
                ConfusionSection.Of(input.Test),
                CurvesSection.Of(input.Test),
                SevenPointSection.Of(input),
                ExamplesSection.Of(input),
                ModelCardSection.Of(card),
            }.OfType<Section>(),
        ];
        string script = Template.Read("report.js");
        return Template.Fill(Template.Read("report.html"), new Dictionary<string, string>
        {
            ["title"] = Tag.Encode(input.Title),
            ["disclaimer"] = Tag.Encode(Disclaimer),
            ["style"] = Template.Read("report.css"),
            ["script"] = script,
            // The content security policy allows only this script, regardless of the data.
            ["script-hash"] = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script))),
            ["lead"] = Tag.Text(Lead(input)),
            ["navigation"] = Tag.Text(sections.Select(section => Tag.Of("a", ("href", "#" + section.Id), section.ShortTitle))),
            ["sections"] = Tag.Text(sections.Select(section => section.ToElement())),
            ["sharing-data"] = SharingSteps.ToJson(input.Model),
        });
    }

    private static IEnumerable<XNode> Lead(ReportInput input)
    {
        if (input.DatasetDescription is { } description)
            yield return Tag.Of("p", description);
        if (input.IsSynthetic)
            yield return Tag.Of("p", ("class", "note"), "Synthetic images: the measures show that the software works and do not apply to real skin.");
    }
}

/// <summary>Represents a section of the page.</summary>
/// <param name="Id">Its anchor.</param>
/// <param name="ShortTitle">The title in the navigation.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Content">The content.</param>
internal sealed record Section(string Id, string ShortTitle, string Title, IReadOnlyList<object?> Content)
{
    public XElement ToElement() => Tag.Of(
        "section", ("id", Id), ("aria-labelledby", Id + "-title"), Tag.Of("h2", ("id", Id + "-title"), Title), Content);
}
