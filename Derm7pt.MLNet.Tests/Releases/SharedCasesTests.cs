using Derm7pt.MLNet.Synthetic;
using Microsoft.ML;

namespace Derm7pt.MLNet.Tests.Releases;

/// <summary>Tests cases that share a picture or a case_id, within and between splits.</summary>
[TestClass]
public sealed class SharedCasesTests
{
    // In the tiny release lines 2, 3 and 4 are trained on, 5 and 6 are validation cases, and 7 is the test case.
    [TestMethod]
    public void Read_TestCaseWithATrainingCasesPicture_WarnsOfLeakage()
    {
        using TinyRelease tiny = new TinyRelease().Set(6, "derm", "A/derm1.jpg").Write();

        AssertWarnings(
            tiny.Read(),
            "meta/meta.csv, line 7, column 'derm': leakage: this case of split 'test' has the picture of line 2 of split 'train' "
            + "(column 'derm', 'A/derm1.jpg'): 'A/derm1.jpg'; expected each picture in one case.");
    }

    [TestMethod]
    public void Read_SameBytesUnderAnotherName_WarnsOfLeakage()
    {
        using TinyRelease tiny = new TinyRelease().Write();
        Copy(tiny, "A/derm1.jpg", "B/derm6.jpg");

        AssertWarnings(
            tiny.Read(),
            "meta/meta.csv, line 7, column 'derm': leakage: this case of split 'test' has the picture of line 2 of split 'train' "
            + "(column 'derm', 'A/derm1.jpg'): 'B/derm6.jpg'; expected each picture in one case.");
    }

    [TestMethod]
    public void Read_SameLengthAndOtherBytes_IsNoSharedPicture()
    {
        using TinyRelease tiny = new TinyRelease().Write();
        byte[] picture = File.ReadAllBytes(Image(tiny, "A/derm1.jpg"));
        // The bytes follow the end of the image, where a decoder does not read.
        File.WriteAllBytes(Image(tiny, "A/derm1.jpg"), [.. picture, 1]);
        File.WriteAllBytes(Image(tiny, "B/derm6.jpg"), [.. picture, 2]);

        Assert.IsEmpty(tiny.Read().Warnings);
    }

    [TestMethod]
    public void Read_OnePictureTwiceWithinASplit_WarnsWithoutCallingItLeakage()
    {
        using TinyRelease tiny = new TinyRelease().Write();
        Copy(tiny, "B/derm2.jpg", "B/clinic3.jpg");

        AssertWarnings(
            tiny.Read(),
            "meta/meta.csv, line 4, column 'clinic': this case of split 'train' has the picture of line 3 of split 'train' "
            + "(column 'derm', 'B/derm2.jpg'): 'B/clinic3.jpg'; expected each picture in one case.");
    }

    [TestMethod]
    public void Read_BothImagesOfOneCaseAlike_IsNoWarning()
    {
        using TinyRelease tiny = new TinyRelease().Write();
        Copy(tiny, "B/derm2.jpg", "B/clinic2.jpg");

        Assert.IsEmpty(tiny.Read().Warnings);
    }

    [TestMethod]
    public void Read_BothImagesOfTwoCasesAlike_WarnsOnce()
    {
        using TinyRelease tiny = new TinyRelease().Write();
        Copy(tiny, "B/derm2.jpg", "B/derm6.jpg");
        Copy(tiny, "B/clinic2.jpg", "B/clinic6.jpg");

        Derm7ptReleaseProblem warning = tiny.Read().Warnings.Single();
        Assert.AreEqual((7, "derm"), (warning.Line, warning.Column));
    }

    [TestMethod]
    public void Read_CaseIdInTwoSplits_WarnsOfLeakage()
    {
        using TinyRelease tiny = new TinyRelease().Set(2, "case_id", "P-7").Set(3, "case_id", "P-7").Set(4, "case_id", "p-7").Write();

        // Two lesions of one patient in the training split are not unusual.
        AssertWarnings(
            tiny.Read(),
            "meta/meta.csv, line 5, column 'case_id': leakage: this case of split 'validation' has the case_id of line 3 of split 'train' "
            + "(column 'case_id', 'P-7'): 'p-7'; expected all its cases in one split.");
    }

    [TestMethod]
    public void Read_PictureInAllSplits_NamesTheTrainingCaseAndPutsLeakageFirst()
    {
        using TinyRelease tiny = new TinyRelease().Set(1, "seven_point_score", "1").Write();
        foreach (int number in new[] { 3, 4, 6 })
            Copy(tiny, "B/derm2.jpg", $"B/derm{number}.jpg");

        IReadOnlyList<Derm7ptReleaseProblem> warnings = tiny.Read().Warnings;

        CollectionAssert.AreEqual(
            new (int?, string?)[] { (5, "derm"), (7, "derm"), (4, "derm"), (2, "seven_point_score") },
            warnings.Select(warning => (warning.Line, warning.Column)).ToArray());
        Assert.IsTrue(warnings.Take(3).All(warning => warning.Message.Contains("line 3 of split 'train'")));
        CollectionAssert.AreEqual(
            new[] { true, true, false, false }, warnings.Select(warning => warning.Message.StartsWith("leakage")).ToArray());
    }

    [TestMethod]
    public void Read_CaseInNoSplit_IsNoLeakage()
    {
        using TinyRelease tiny = new TinyRelease();
        tiny.Test.RemoveAt(1);
        tiny.Write();
        Copy(tiny, "B/derm2.jpg", "B/derm6.jpg");

        StringAssert.StartsWith(
            tiny.Read().Warnings[0].ToString(), "meta/meta.csv, line 7, column 'derm': this case of no split has the picture of line 3 of split 'train'");
    }

    [TestMethod]
    public void Read_ManySharedCases_DescribesSomeAndCountsTheRest()
    {
        using TinyRelease tiny = new TinyRelease();
        for (int number = 2; number <= 6; number++)
            tiny.Set(number, "derm", "A/derm1.jpg");
        IReadOnlyList<Derm7ptReleaseProblem> warnings = tiny.Write().Read(new Derm7ptRelease.Options { ReportAtMost = 2 }).Warnings;

        Assert.HasCount(3, warnings);
        Assert.AreEqual("3 more cases share a picture or a case_id with another case", warnings[2].Message);
    }

    [TestMethod]
    public void Read_UncheckedImages_ComparesNamesWhateverTheirLetterCase()
    {
        using TinyRelease tiny = new TinyRelease().Set(6, "derm", "a/DERM1.JPG");
        tiny.Images.Clear();

        StringAssert.StartsWith(
            tiny.Write().Read(new Derm7ptRelease.Options { CheckImages = false }).Warnings.Single().ToString(),
            "meta/meta.csv, line 7, column 'derm': leakage: this case of split 'test' has the picture of line 2 of split 'train'");
    }

    [TestMethod]
    public void Read_SyntheticRelease_SharesNothing()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"derm7pt-shared-{Guid.NewGuid():N}");
        try
        {
            SyntheticRelease.Write(folder, new SyntheticReleaseOptions { Cases = 90, Width = 48, Height = 32, Seed = 8 });

            // The letter case varies as in the real release, which gives other warnings.
            Assert.IsTrue(new MLContext().Data.LoadDerm7pt(folder).Warnings.All(warning => warning.Message.Contains("letter case")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AssertWarnings(Derm7ptRelease release, params string[] expected) =>
        Assert.AreEqual(string.Join('\n', expected), string.Join('\n', release.Warnings));

    private static string Image(TinyRelease tiny, string name) => Path.Combine(tiny.Folder, "images", name);

    private static void Copy(TinyRelease tiny, string from, string to) => File.Copy(Image(tiny, from), Image(tiny, to), overwrite: true);
}
