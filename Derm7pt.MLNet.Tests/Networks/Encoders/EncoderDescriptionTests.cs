using System.Text.Json;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Tests.Networks.Encoders;

/// <summary>The facts about input and extractor that reports show.</summary>
[TestClass]
public sealed class EncoderDescriptionTests
{
    [TestMethod]
    public void DescribeInput_NoExtractor_HasTheInputAlone() => AssertFacts(
        TestNetworks.Spec(GateMode.Learned),
        [
            ("Images", "80 × 60 pixels"), ("Border", "none"), ("Region", "whole image"), ("Input size", "80 × 60 pixels"),
            ("Feature extractor", "none: the first block reads pixels"),
        ]);

    [TestMethod]
    public void DescribeInput_WholeExtractorTrained_NamesFileOriginLicenseAndCut()
    {
        var options = new EncoderOptions
        {
            File = "folder/extractor.onnx",
            Stage = 1,
            Origin = "drawn by a test",
            License = "CC0-1.0",
            Normalization = new PixelNormalization { Order = ChannelOrder.Bgr, Scale = 255, Mean = [103.06, 115.9, 123.15] },
        };

        NetworkSpec network = Network(options) with { Input = new ImageInput(5, 40, ImageRegion.CentralSquare) };

        AssertFacts(
            network,
            [
                ("Images", "80 × 60 pixels"), ("Border", "5 pixels are cut off on every side"), ("Region", "central square"),
                ("Input size", "40 × 40 pixels, resized bilinearly"), ("Feature extractor", "extractor.onnx"), ("Origin", "drawn by a test"),
                ("License", "CC0-1.0"), ("SHA-256", null), ("Cut", "at 'padded', 16 channels, the end of a stage with 1/4 of the height and width"),
                ("Trained", "all of it"), ("Normalization", "BGR, 255 · pixel − [103.06, 115.9, 123.15]"),
            ]);
    }

    [TestMethod]
    public void DescribeInput_PartOrNothingTrained_SaysWhere()
    {
        Assert.AreEqual("what follows 'padded': the part before is frozen", Fact(new EncoderOptions { File = "x", Stage = 2, TrainedStages = 1 }, "Trained"));
        Assert.AreEqual("nothing: it is frozen", Fact(new EncoderOptions { File = "x", Stage = 2, TrainedStages = 0 }, "Trained"));
        Assert.AreEqual("not stated", Fact(new EncoderOptions { File = "x", Stage = 2 }, "Origin"));
        Assert.AreEqual("not stated", Fact(new EncoderOptions { File = "x", Stage = 2 }, "License"));
        Assert.AreEqual("at 'dense', 6 channels", Fact(new EncoderOptions { File = "x", Output = "dense" }, "Cut"));
        Assert.AreEqual(
            "RGB, (pixel − [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]", Fact(new EncoderOptions { File = "x", Stage = 2 }, "Normalization"));
        Assert.AreEqual("RGB, pixel", Fact(new EncoderOptions { File = "x", Stage = 2, Normalization = new() }, "Normalization"));
    }

    [TestMethod]
    public void DescribeInput_OtherOperators_SaysThatTheyAreNotTrained()
    {
        ExtractorFile file = ExtractorFile.Everything();
        EncoderFile encoder = OnnxImport.Read(
            file.ToBytes(), "extractor.onnx", "abc",
            new EncoderOptions { File = "x", Output = "probabilities", TrainedStages = 0, Origin = "a test", License = "MIT" }, 48);

        Dictionary<string, string> facts = new(encoder.Encoder.Describe());

        Assert.AreEqual(("a test", "MIT", "abc"), (facts["Origin"], facts["License"], facts["SHA-256"]));
        Assert.AreEqual("at 'probabilities', 6 channels", facts["Cut"]);
        Assert.AreEqual("nothing: ONNX Runtime computes it as it is in the file", facts["Trained"]);
    }

    // Files that were written before the license had a property of its own contain none.
    [TestMethod]
    public void Json_WithoutLicense_IsRead() => Assert.AreEqual(
        new EncoderSource("a.onnx", "abc", "x", "b"),
        JsonSerializer.Deserialize("""{"file":"a.onnx","sha256":"abc","output":"x","origin":"b"}""", NetworkJson.Default.EncoderSource));

    private static string Fact(EncoderOptions options, string name) =>
        new Dictionary<string, string>(Network(options).DescribeInput(60, 80))[name];

    private static NetworkSpec Network(EncoderOptions options) =>
        TestNetworks.Spec(GateMode.Learned).OnEncoder(OnnxEncoderTests.Import(ExtractorFile.Everything(), options).Encoder);

    /// <summary>Compares all facts, in order; a value of null may be any.</summary>
    private static void AssertFacts(NetworkSpec network, (string Name, string? Value)[] expected)
    {
        KeyValuePair<string, string>[] facts = [.. network.DescribeInput(height: 60, width: 80)];

        CollectionAssert.AreEqual(expected.Select(fact => fact.Name).ToArray(), facts.Select(fact => fact.Key).ToArray());
        foreach ((KeyValuePair<string, string> actual, string? value) in facts.Zip(expected, (fact, known) => (fact, known.Value)))
            Assert.AreEqual(value ?? actual.Value, actual.Value, actual.Key);
    }
}
