using System.Net;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Reporting;
using Derm7pt.MLNet.Tests.Networks.Encoders;
using Derm7pt.MLNet.Tests.Scoring;
using Derm7pt.MLNet.Tests.Training;
using Microsoft.ML;

namespace Derm7pt.MLNet.Tests.Reporting;

/// <summary>Report and model card say what the network reads and where its feature extractor comes from.</summary>
[TestClass]
public sealed class InputSectionTests
{
    private const string Hostile = "<b>me</b> & \"co\" | *x*\nsecond line";

    [TestMethod]
    public void Write_ModelOnAnExtractor_ShowsOriginLicenseChecksumAndWhatTheMapsAreOf()
    {
        var options = new EncoderOptions { File = "extractor.onnx", Stage = 2, Origin = Hostile, License = "CC0-1.0", TrainedStages = 1 };
        EncoderFile extractor = OnnxEncoderTests.Import(ExtractorFile.Everything(), options);
        using var model = new RandomModel(
            SyntheticImages.Size, seed: 3, extractor, new Derm7pt.MLNet.Networks.ImageInput(4, 64, ImageRegion.CentralSquare));

        (string page, string card) = Write(model);

        Assert.Contains("id=\"input\"", page);
        foreach ((string name, string value) in ((string, string)[])
            [
                ("Images", "128 × 128 pixels"), ("Border", "4 pixels are cut off on every side"), ("Region", "central square"),
                ("Input size", "64 × 64 pixels, resized bilinearly"), ("Feature extractor", "extractor.onnx"), ("Origin", Hostile),
                ("License", "CC0-1.0"), ("SHA-256", extractor.Encoder.File!.Sha256),
                ("Cut", "at 'features', 12 channels, the end of a stage with 1/8 of the height and width"),
                ("Trained", "what follows 'padded': the part before is frozen"),
            ])
        {
            Assert.Contains($"<th scope=\"row\">{name}</th><td>{value}</td>", Decode(page), name);
            if (value != Hostile)
                Assert.Contains($"- {name}: {Escape(value)}.", card, name);
        }

        Assert.Contains(@"\<b\>me\</b\> & ""co"" \| \*x\* second line", card);
        Assert.DoesNotContain("<b>me</b>", page);
        // Of 64 pixels the third stage and the blocks leave 8 and fewer, the second stage 16.
        Assert.Contains($"These are the features of the encoder's stage at '{extractor.Encoder.Stages()[1].Name}'.", Decode(page));
    }

    [TestMethod]
    public void Write_ModelWithoutExtractor_SaysThatItReadsPixels()
    {
        using var model = new RandomModel(SyntheticImages.Size, seed: 3);

        (string page, string card) = Write(model);

        Assert.Contains("<th scope=\"row\">Feature extractor</th><td>none: the first block reads pixels</td>", Decode(page));
        Assert.Contains("- Feature extractor: none: the first block reads pixels.", card);
        Assert.DoesNotContain("License:", card);
        Assert.Contains("These are the features of block 2 of 4.", Decode(page));
    }

    private static (string Page, string Card) Write(RandomModel model)
    {
        using var folder = new TemporaryFolder();
        IDataView data = TinyCases.View(count: 10, extent: SyntheticImages.Size);
        using Derm7ptMultiTaskTransformer transformer = model.CreateTransformer(data.Schema);
        string page = Derm7ptReport.Write(
            folder.Path, transformer, transformer.Transform(data),
            new ReportOptions { ExampleCount = 1, Evaluation = new MultiTaskEvaluation.Options { BootstrapResamples = 0 } });
        return (File.ReadAllText(page), File.ReadAllText(folder.File("model-card.md")));
    }

    private static string Decode(string page) => WebUtility.HtmlDecode(page);

    // Of the characters that mean something in Markdown these texts have two.
    private static string Escape(string text) => text.Replace("[", @"\[", StringComparison.Ordinal).Replace("]", @"\]", StringComparison.Ordinal);
}
