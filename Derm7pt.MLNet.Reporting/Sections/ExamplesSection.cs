using System.Xml.Linq;
using Derm7pt.MLNet.Reporting.Examples;
using Derm7pt.MLNet.Reporting.Html;

namespace Derm7pt.MLNet.Reporting.Sections;

/// <summary>Creates the section with example cases, their predictions and saliency maps.</summary>
internal static class ExamplesSection
{
    private static readonly string[] PredictionHeaders = ["task", "predicted", "true"];

    public static Section? Of(ReportInput input) => input.Examples.Count == 0 ? null : new Section("examples", "Examples", "Example cases",
    [
        Tag.Of("p", "Chosen by chance among right and wrong predictions, so they do not show how often the model is right. Overlays are Grad-CAM maps: red to yellow where the features lie that raise the predicted label; they do not prove why it was predicted. Where an overlay is dark all over, nothing in the block that was looked at raises it."),
        input.IsSynthetic ? null : Tag.Of("p", ("class", "note"), "These images come from the dataset: whether this page may be passed on follows from the dataset's terms of use. It can be written without examples."),
        Tag.Of("div", ("class", "cases"), input.Examples.Select(Case)),
    ]);

    private static XElement Case(ExampleCase example)
    {
        ExamplePrediction first = example.Predictions.FirstOrDefault(prediction => prediction.Task.Kind == TaskKind.Diagnosis) ?? example.Predictions[0];
        return Tag.Of(
            "article",
            ("class", "case"),
            Tag.Of("h3", example.Name),
            Tag.Of(
                "div",
                ("class", "pictures"),
                Picture(ImageData.OfPlanar(example.Pixels.Span, example.Height, example.Width), $"Image of {example.Name}", "image"),
                Overlay(example, first)),
            Tag.Of(
                "table",
                ("class", "predictions"),
                Tag.Of("caption", $"Predictions for {example.Name}"),
                Tag.Of("thead", Tag.Of("tr", PredictionHeaders.Select(name => Tag.Of("th", ("scope", "col"), name)))),
                Tag.Of("tbody", example.Predictions.Select(Prediction), Score(example))),
            Tag.Of(
                "details",
                Tag.Of("summary", "Overlays of all tasks"),
                Tag.Of("div", ("class", "pictures many"), example.Predictions.Select(prediction => Overlay(example, prediction)))));
    }

    private static XElement Prediction(ExamplePrediction prediction) => Tag.Of(
        "tr",
        ("class", prediction.IsRight switch { true => "right", false => "wrong", null => null }),
        Tag.Of("th", ("scope", "row"), prediction.Task.Title),
        Tag.Of("td", $"{prediction.PredictedText} ", Tag.Of("small", Format.Percent(prediction.Probability))),
        Tag.Of("td", prediction.IsRight switch { true => "✓\u00a0", false => "✗\u00a0", null => "" }, prediction.TrueText ?? "not known"));

    private static XElement Score(ExampleCase example)
    {
        IEnumerable<ExamplePrediction> criteria = [.. example.Predictions.Where(prediction => prediction.Task.Kind == TaskKind.Criterion)];
        bool isKnown = criteria.All(prediction => prediction.TrueLabel is not null);
        return Tag.Of(
            "tr",
            ("class", "mean"),
            Tag.Of("th", ("scope", "row"), "seven-point score"),
            Tag.Of("td", Format.Count(criteria.Sum(prediction => prediction.Task.Labels[prediction.PredictedLabel].Score))),
            Tag.Of("td", isKnown ? Format.Count(criteria.Sum(prediction => prediction.Task.Labels[prediction.TrueLabel!.Value].Score)) : "not known"));
    }

    private static XElement? Overlay(ExampleCase example, ExamplePrediction prediction) => prediction.Overlay.IsEmpty ? null : Picture(
        ImageData.OfRgba(prediction.Overlay.ToArray(), example.Height, example.Width),
        $"What speaks for {prediction.PredictedText} in {prediction.Task.Title}, {example.Name}",
        $"{prediction.Task.Code}: {prediction.PredictedText}");

    private static XElement Picture(string source, string description, string caption) => Tag.Of(
        "figure", Tag.Of("img", ("src", source), ("alt", description)), Tag.Of("figcaption", caption));
}
