using Derm7pt.MLNet.Reporting.Html;

namespace Derm7pt.MLNet.Reporting.Sections;

/// <summary>What the network reads of an image, and where its feature extractor comes from.</summary>
internal static class InputSection
{
    public const string Title = "Input and feature extractor";

    public static Section Of(Derm7ptMultiTaskTransformer model) => new("input", "Input", Title,
    [
        Tag.Of(
            "table",
            ("class", "data details"),
            Tag.Of("caption", "What the network reads, and what it was built on"),
            Tag.Of("tbody", model.InputDetails.Select(detail => Tag.Of(
                "tr", Tag.Of("th", ("scope", "row"), detail.Key), Tag.Of("td", detail.Value))))),
    ]);
}
