using System.Globalization;
using System.Text;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Reporting.Files;
using Derm7pt.MLNet.Synthetic;
using Derm7pt.MLNet.Tests.Models;
using Microsoft.ML;

namespace Derm7pt.MLNet.Tests.Reporting;

/// <summary>
/// Tests that files and messages are the same in every culture. The tests run without the system's cultures, so these are derived from the
/// invariant one.
/// </summary>
[TestClass]
public sealed class CultureTests
{
    [TestMethod]
    public void ReportFiles_EveryCulture_AreTheInvariantOnes() => AssertSame(
        () => ReportFiles.Of(ReportFixture.Shared.Input).Select(file => (file.Name, Encoding.UTF8.GetBytes(file.Content))));

    [TestMethod]
    public void Evaluation_EveryCulture_IsTheInvariantOne() => AssertSame(() =>
    {
        TinyRun run = TinyRun.Shared;
        var evaluation = run.Ml.MulticlassClassification.EvaluateDerm7pt(run.Scored);
        using var csv = new StringWriter(CultureInfo.CurrentCulture);
        evaluation.WriteCsv(csv);
        return
        [
            ("JSON", Encoding.UTF8.GetBytes(evaluation.ToJson(curves: true))),
            ("CSV", Encoding.UTF8.GetBytes(csv.ToString())),
            ("graph", Encoding.UTF8.GetBytes(run.Model.LastTransformer.Gates.Overall().ToGraph(cut: 0.4).ToJson())),
            ("text", Encoding.UTF8.GetBytes($"{evaluation}")),
        ];
    });

    [TestMethod]
    public void ModelAndTaxonomy_EveryCulture_AreTheInvariantOnes() => AssertSame(() =>
    {
        byte[] model = ModelFile.Write(TestModels.Small());
        string taxonomy = Taxonomy.FromJson(Taxonomy.Derm7pt.ToJson()).ToJson();
        return [("model", model), ("read", ModelFile.Read(model, "model").Onnx.ToArray()), ("taxonomy", Encoding.UTF8.GetBytes(taxonomy))];
    });

    [TestMethod]
    public void SyntheticRelease_EveryCulture_IsTheInvariantOne() => AssertSame(() =>
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("culture");
        try
        {
            SyntheticRelease.Write(folder.FullName, new SyntheticReleaseOptions { Cases = 90, Width = 32, Height = 32, Seed = 3 });
            new MLContext().Data.LoadDerm7pt(folder.FullName);
            return
            [
                .. folder.EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal)
                    .Select(file => (Path.GetRelativePath(folder.FullName, file.FullName), File.ReadAllBytes(file.FullName))),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    });

    [TestMethod]
    public void Messages_EveryCulture_AreTheInvariantOnes() => AssertSame(() =>
    [
        ("option", Message(() => TinyRun.Shared.Ml.MulticlassClassification.EvaluateDerm7pt(
            TinyRun.Shared.Scored, new Derm7pt.MLNet.Evaluation.MultiTaskEvaluation.Options { MelanomaThreshold = -1234.5 }))),
        ("taxonomy", Message(() => Taxonomy.FromJson("""{"name":"x","version":-1.5}"""))),
    ]);

    private static byte[] Message(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return Encoding.UTF8.GetBytes(e.Message);
        }

        throw new AssertFailedException("Nothing was thrown.");
    }

    private static void AssertSame(Func<IEnumerable<(string Name, byte[] Content)>> write)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            (string Name, byte[] Content)[] expected = [.. write()];
            Assert.IsNotEmpty(expected);
            foreach (CultureInfo culture in Cultures())
            {
                CultureInfo.CurrentCulture = culture;
                // This checks that the cultures differ as intended.
                Assert.AreNotEqual("-1234.5", $"{-1234.5}");
                (string Name, byte[] Content)[] actual = [.. write()];
                CollectionAssert.AreEqual(expected.Select(file => file.Name).ToArray(), actual.Select(file => file.Name).ToArray());
                for (int i = 0; i < expected.Length; i++)
                    Assert.IsTrue(expected[i].Content.AsSpan().SequenceEqual(actual[i].Content), $"{expected[i].Name}, decimal separator '{culture.NumberFormat.NumberDecimalSeparator}'");
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    // The cultures have the numbers and dates of German, Turkish, Persian and Arabic.
    private static IEnumerable<CultureInfo> Cultures() =>
    [
        Culture(",", ".", "-", "%", "."),
        Culture(",", ".", "-", "%", "."),
        Culture("٫", "٬", "\u200e\u2212", "٪", "/"),
        Culture("٫", "٬", "\u061c-", "٪\u061c", "‏/"),
    ];

    private static CultureInfo Culture(string point, string group, string minus, string percent, string date)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        NumberFormatInfo numbers = culture.NumberFormat;
        (numbers.NumberDecimalSeparator, numbers.CurrencyDecimalSeparator, numbers.PercentDecimalSeparator) = (point, point, point);
        (numbers.NumberGroupSeparator, numbers.CurrencyGroupSeparator, numbers.PercentGroupSeparator) = (group, group, group);
        (numbers.NegativeSign, numbers.PercentSymbol) = (minus, percent);
        (numbers.NaNSymbol, numbers.PositiveInfinitySymbol, numbers.NegativeInfinitySymbol) = ("keine Zahl", "unendlich", "-unendlich");
        numbers.NativeDigits = ["۰", "۱", "۲", "۳", "۴", "۵", "۶", "۷", "۸", "۹"];
        (culture.DateTimeFormat.DateSeparator, culture.DateTimeFormat.TimeSeparator) = (date, "٫");
        return culture;
    }
}
