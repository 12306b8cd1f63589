using Derm7pt.MLNet.Releases;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Releases;

[TestClass]
public sealed class ReleaseReaderTests
{
    [TestMethod]
    public void LoadDerm7pt_ValidRelease_HasTheSplitsInTheirOrder()
    {
        using TinyRelease tiny = new TinyRelease().Write();
        Derm7ptRelease release = tiny.Read();

        CollectionAssert.AreEqual(new[] { "1", "3", "2" }, release.Train.GetColumn<string>("CaseNumber").ToArray());
        CollectionAssert.AreEqual(new[] { "4", "5" }, release.Validation.GetColumn<string>("CaseNumber").ToArray());
        CollectionAssert.AreEqual(new[] { "6" }, release.Test.GetColumn<string>("CaseNumber").ToArray());
        Assert.AreEqual(6, release.All.GetRowCount());
        Assert.IsEmpty(release.Warnings);
        Assert.AreEqual(tiny.Folder, release.Folder);
        Assert.AreSame(Taxonomy.Derm7pt, release.Taxonomy);
        Assert.AreEqual("6 cases: 3 train, 2 validation, 1 test", release.ToString());
    }

    [TestMethod]
    public void LoadDerm7pt_ValidRelease_HasTheDocumentedColumns()
    {
        using TinyRelease tiny = new TinyRelease().Write();
        DataViewSchema schema = tiny.Read().Train.Schema;

        Assert.AreEqual(
            "ImagePath ClinicalImagePath CaseNumber Diagnosis PigmentNetwork BlueWhitishVeil VascularStructures Pigmentation Streaks "
            + "DotsAndGlobules RegressionStructures StoredSevenPointScore DiagnosisRaw PigmentNetworkRaw BlueWhitishVeilRaw "
            + "VascularStructuresRaw PigmentationRaw StreaksRaw DotsAndGlobulesRaw RegressionStructuresRaw DiagnosticDifficulty "
            + "Elevation Location Sex Management CaseId Notes",
            string.Join(' ', schema.Select(column => column.Name)));
        Assert.AreEqual(new KeyDataViewType(typeof(uint), 5), schema["Diagnosis"].Type);
        Assert.AreEqual(NumberDataViewType.Single, schema["StoredSevenPointScore"].Type);
        Assert.AreEqual(TextDataViewType.Instance, schema["DiagnosisRaw"].Type);
    }

    [TestMethod]
    public void LoadDerm7pt_ValidRelease_HasTheValuesOfTheTable()
    {
        using TinyRelease tiny = new TinyRelease().Set(1, "notes", "\"a \"\"quoted\"\" note, with a comma\"").Write();
        IDataView train = tiny.Read().Train;

        Assert.AreEqual(Path.Combine(tiny.Folder, "images", "A", "derm1.jpg"), train.GetColumn<string>("ImagePath").First());
        Assert.AreEqual(Path.Combine(tiny.Folder, "images", "A", "clinic1.jpg"), train.GetColumn<string>("ClinicalImagePath").First());
        Assert.AreEqual("melanoma (in situ)", train.GetColumn<string>("DiagnosisRaw").First());
        Assert.AreEqual("a \"quoted\" note, with a comma", train.GetColumn<string>("Notes").First());
        Assert.AreEqual("high", train.GetColumn<string>("DiagnosticDifficulty").First());
        CollectionAssert.AreEqual(new[] { 10f, 0f, 0f }, train.GetColumn<float>("StoredSevenPointScore").ToArray());
        CollectionAssert.AreEqual(new[] { 3u, 2u, 2u }, train.GetColumn<uint>("Diagnosis").ToArray());
        CollectionAssert.AreEqual(new[] { 3u, 1u, 1u }, train.GetColumn<uint>("VascularStructures").ToArray());
    }

    [TestMethod]
    public void KeyValues_LabelsThatDoNotOccur_AreThereToo()
    {
        using TinyRelease tiny = new TinyRelease().Write();
        IDataView test = tiny.Read().Test;

        foreach (ClassificationTask task in Taxonomy.Derm7pt.Tasks)
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            test.Schema[task.Name].GetKeyValues(ref names);
            CollectionAssert.AreEqual(
                task.Labels.Select(label => label.Name).ToArray(), names.DenseValues().Select(name => name.ToString()).ToArray());
        }
    }

    [TestMethod]
    public void LabelCounts_ValidRelease_CountEverySplit()
    {
        using TinyRelease tiny = new TinyRelease().Write();
        tiny.Test.RemoveAt(1);
        Derm7ptRelease release = tiny.Write().Read();

        Assert.HasCount(24, release.LabelCounts);
        Derm7ptLabelCount nevus = release.LabelCounts.Single(count => count.Label.Name == "nevus");
        Assert.AreEqual((2, 2, 0, 5), (nevus.Train, nevus.Validation, nevus.Test, nevus.All));
        Assert.AreEqual(0, release.LabelCounts.Single(count => count.Label.Name == "miscellaneous").All);
        Assert.AreEqual("Diagnosis, nevus: 2 train, 2 validation, 0 test, 5 in all", nevus.ToString());
    }

    [TestMethod]
    public void LoadDerm7pt_BinaryDiagnosis_MergesTheOtherDiagnoses()
    {
        using TinyRelease tiny = new TinyRelease().Write();
        Derm7ptRelease release = tiny.Read(Taxonomy.BinaryDiagnosis);

        Assert.AreEqual(new KeyDataViewType(typeof(uint), 2), release.Train.Schema["Diagnosis"].Type);
        CollectionAssert.AreEqual(new[] { 2u, 1u, 1u }, release.Train.GetColumn<uint>("Diagnosis").ToArray());
        Assert.HasCount(21, release.LabelCounts);
        Assert.IsEmpty(release.Warnings);
    }

    [TestMethod]
    public void LoadDerm7pt_TaxonomyOfOnesOwn_DrivesTheColumns()
    {
        Taxonomy own = OwnTaxonomy("Elevation", "elevation");
        using TinyRelease tiny = new TinyRelease().Set(2, "seven_point_score", "7").Set(3, "diagnosis", "").Write();
        Derm7ptRelease release = tiny.Read(own);

        Assert.IsInstanceOfType<KeyDataViewType>(release.All.Schema["Elevation"].Type);
        Assert.AreEqual("nodular", release.All.GetColumn<string>("ElevationRaw").First());
        Assert.IsNull(release.All.Schema.GetColumnOrNull("Diagnosis"));
        // Without the criteria, the stored score cannot be checked.
        Assert.IsEmpty(release.Warnings);
    }

    [TestMethod]
    [DataRow("Shape", "shape", "reads the column 'shape'")]
    [DataRow("Shape", "case_num", "reads the column 'case_num'")]
    [DataRow("Sex", "elevation", "two columns 'Sex'")]
    public void LoadDerm7pt_TaxonomyThatDoesNotFit_ThrowsArgumentException(string task, string column, string expected)
    {
        using TinyRelease tiny = new TinyRelease().Write();
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => tiny.Read(OwnTaxonomy(task, column)));
        StringAssert.Contains(e.Message, expected);
    }

    [TestMethod]
    public void LoadDerm7pt_BadArguments_Throws()
    {
        DataOperationsCatalog catalog = new MLContext().Data;

        Assert.ThrowsExactly<ArgumentNullException>(() => ((DataOperationsCatalog)null!).LoadDerm7pt("x"));
        Assert.ThrowsExactly<ArgumentNullException>(() => catalog.LoadDerm7pt(null!));
        Assert.ThrowsExactly<ArgumentException>(() => catalog.LoadDerm7pt(" "));
        Assert.ThrowsExactly<ArgumentNullException>(() => catalog.LoadDerm7pt("x", (Derm7ptRelease.Options)null!));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(
                () => catalog.LoadDerm7pt("x", new Derm7ptRelease.Options { ReportAtMost = 0 })).Message,
            "ReportAtMost must be positive, got 0.");
    }

    [TestMethod]
    public void LoadDerm7pt_ByteOrderMarkWindowsLinesBlankLinesAndOtherColumnOrder_AreRead()
    {
        using var tiny = new TinyRelease { Prefix = "\uFEFF", NewLine = "\r\n" };
        for (int line = 0; line < tiny.Lines.Count; line++)
            tiny.Lines[line] = string.Join(',', tiny.Lines[line].Split(',').Reverse());
        tiny.Lines.Insert(3, "");
        tiny.Lines.Add("");

        CollectionAssert.AreEqual(new[] { "1", "3", "2" }, tiny.Write().Read().Train.GetColumn<string>("CaseNumber").ToArray());
    }

    [TestMethod]
    public void LoadDerm7pt_MissingFolder_SaysWhichFolderWasExpected()
    {
        string folder = Path.Combine(Path.GetTempPath(), "no-such-release");
        Derm7ptReleaseException e = Assert.ThrowsExactly<Derm7ptReleaseException>(() => new MLContext().Data.LoadDerm7pt(folder));

        Assert.AreEqual(folder, e.Folder);
        StringAssert.Contains(e.Message, $".: the folder is missing '{folder}'; expected a folder with meta/meta.csv and images/.");
    }

    [TestMethod]
    public void LoadDerm7pt_FolderAroundTheRelease_IsHintedAt()
    {
        using TinyRelease tiny = new TinyRelease().Write();
        string inner = Path.Combine(tiny.Folder, "inner");
        Directory.CreateDirectory(inner);
        Directory.Move(Path.Combine(tiny.Folder, "meta"), Path.Combine(inner, "meta"));

        Derm7ptReleaseException e = Assert.ThrowsExactly<Derm7ptReleaseException>(() => tiny.Read());
        StringAssert.Contains(e.Message, $"there is a release in '{inner}'");
    }

    [TestMethod]
    [DataRow("meta/meta.csv")]
    [DataRow("meta/train_indexes.csv")]
    [DataRow("meta/valid_indexes.csv")]
    [DataRow("meta/test_indexes.csv")]
    public void LoadDerm7pt_MissingFile_NamesIt(string file)
    {
        using var tiny = new TinyRelease();
        tiny.Absent.Add(file);

        Assert.AreEqual($"{file}: the file is missing; expected it below the release's folder.", tiny.Problems());
    }

    [TestMethod]
    public void LoadDerm7pt_NoImagesFolder_IsOneProblem()
    {
        using var tiny = new TinyRelease();
        tiny.Images.Clear();

        Assert.AreEqual("images: the folder is missing; expected it below the release's folder.", tiny.Problems());
    }

    [TestMethod]
    public void Header_MisspeltMissingExtraAndTwice_AreAllNamed()
    {
        using var tiny = new TinyRelease();
        tiny.Lines[0] = tiny.Lines[0].Replace("pigment_network", "pigment_netwrok").Replace(",notes", ",Unrelated words")
            .Replace("sex", "location");

        Assert.AreEqual(
            """
            meta/meta.csv, line 1: unknown column 'pigment_netwrok'; expected 'pigment_network' in its place.
            meta/meta.csv, line 1, column 'location': the column occurs twice; expected each column once.
            meta/meta.csv, line 1: unknown column 'Unrelated words'; expected only
            """,
            string.Join('\n', tiny.Problems().Split('\n').Take(3).Select(line => line.Split(" 'case_num'")[0])));
        StringAssert.Contains(tiny.Problems(), "column 'sex': the column is missing; expected a column 'sex' in the header.");
        StringAssert.Contains(tiny.Problems(), "column 'notes': the column is missing");
        Assert.HasCount(5, tiny.Problems().Split('\n'));
    }

    [TestMethod]
    public void Header_OtherLetterCase_IsUnknownWithTheNearest()
    {
        using var tiny = new TinyRelease();
        tiny.Lines[0] = tiny.Lines[0].Replace("diagnosis,", "Diagnosis,");

        Assert.AreEqual("meta/meta.csv, line 1: unknown column 'Diagnosis'; expected 'diagnosis' in its place.", tiny.Problems());
    }

    [TestMethod]
    public void Header_Semicolons_AreNamed()
    {
        using var tiny = new TinyRelease();
        for (int line = 0; line < tiny.Lines.Count; line++)
            tiny.Lines[line] = tiny.Lines[line].Replace(',', ';');

        StringAssert.Contains(tiny.Problems(), "meta/meta.csv, line 1: the fields are not separated by commas; expected the header case_num,diagnosis");
    }

    [TestMethod]
    public void Header_EmptyFile_IsAProblem()
    {
        using var tiny = new TinyRelease();
        tiny.Lines.Clear();
        tiny.Validation.Clear();

        StringAssert.Contains(tiny.Problems(), "meta/meta.csv: the file is empty; expected the header case_num,");
        StringAssert.Contains(tiny.Problems(), "meta/valid_indexes.csv: the file is empty; expected the header indexes.");
    }

    [TestMethod]
    public void Cases_HeaderOnly_IsAProblem()
    {
        using var tiny = new TinyRelease();
        tiny.Lines.RemoveRange(1, 6);

        StringAssert.Contains(tiny.Problems(), "meta/meta.csv: there is no case; expected a row for each case.");
    }

    [TestMethod]
    [DataRow("streaks", "wavy", "unknown label value 'wavy'; expected one of 'absent', 'regular', 'irregular'.")]
    [DataRow("streaks", "iregular", "unknown label value 'iregular'; expected 'regular' perhaps, or another of 'absent', 'regular', 'irregular'.")]
    [DataRow("streaks", "", "the label is empty; expected one of 'absent', 'regular', 'irregular'.")]
    [DataRow("seven_point_score", "many", "not a number 'many'; expected a number such as 3.")]
    [DataRow("seven_point_score", "NaN", "not a number 'NaN'; expected a number such as 3.")]
    [DataRow("seven_point_score", "", "the score is empty; expected a number such as 3.")]
    [DataRow("case_num", "", "the value is empty; expected a case number.")]
    [DataRow("case_num", "1", "duplicated case number '1'; expected a number of its own; line 2 has this one.")]
    [DataRow("derm", "", "the value is empty; expected the name of an image.")]
    [DataRow("derm", "B/none.jpg", "the image file is missing: 'B/none.jpg'; expected the file below images/.")]
    [DataRow("clinic", "none/clinic2.jpg", "the image file is missing: 'none/clinic2.jpg'; expected the file below images/.")]
    [DataRow("derm", "B", "the image file is missing: 'B'; expected the file below images/.")]
    [DataRow("derm", "../meta/meta.csv", "the path leads out of the images folder: '../meta/meta.csv'; expected a file below images/.")]
    [DataRow("derm", "B/../../meta/meta.csv", "the path leads out of the images folder: 'B/../../meta/meta.csv'; expected a file below images/.")]
    [DataRow("derm", "..\\meta\\meta.csv", "the path leads out of the images folder: '..\\meta\\meta.csv'; expected a file below images/.")]
    [DataRow("derm", "/etc/hosts", "the path leads out of the images folder: '/etc/hosts'; expected a file below images/.")]
    [DataRow("derm", "C:/a.jpg", "the path leads out of the images folder: 'C:/a.jpg'; expected a file below images/.")]
    public void Cases_BadValue_NamesLineColumnAndExpectation(string column, string value, string expected)
    {
        using TinyRelease tiny = new TinyRelease().Set(2, column, value);

        Assert.AreEqual($"meta/meta.csv, line 3, column '{column}': {expected}", tiny.Problems());
    }

    [TestMethod]
    public void Cases_TooFewAndTooManyFields_AreNamed()
    {
        using var tiny = new TinyRelease();
        tiny.Lines[2] = "2,clark nevus";
        tiny.Lines[3] += ",more";

        Assert.AreEqual(
            """
            meta/meta.csv, line 3: too few fields '2'; expected 19, as many as the header has.
            meta/meta.csv, line 4: too many fields '20'; expected 19, as many as the header has.
            """,
            tiny.Problems());
    }

    [TestMethod]
    [DataRow("\"good\"bad", "text after a closing quote")]
    [DataRow("inch 5\" long", "a quote within an unquoted field")]
    public void Cases_MalformedQuotes_AreNamed(string notes, string expected)
    {
        using TinyRelease tiny = new TinyRelease().Set(4, "notes", notes);

        Assert.AreEqual($"meta/meta.csv, line 5: {expected}; expected quotes around a whole field, and doubled within it.", tiny.Problems());
    }

    [TestMethod]
    public void Cases_QuoteNeverClosed_IsNamedAtTheLineItOpens()
    {
        using TinyRelease tiny = new TinyRelease().Set(6, "notes", "\"and so on");

        Assert.AreEqual(
            "meta/meta.csv, line 7: a quote that is never closed; expected quotes around a whole field, and doubled within it.",
            tiny.Problems());
    }

    // An editor counts the lines within a quoted note, and blank ones.
    [TestMethod]
    public void Cases_AfterANoteOfSeveralLines_TheLineIsTheEditors()
    {
        using TinyRelease tiny = new TinyRelease().Set(2, "notes", "\"first\nsecond\nthird\"").Set(4, "streaks", "wavy");
        tiny.Lines.Insert(4, "");

        Assert.AreEqual("8", tiny.Problems().Split("line ")[1].Split(',')[0]);
    }

    [TestMethod]
    [DataRow("x", "not a whole number 'x'; expected the zero-based number of a row of meta/meta.csv, 0 to 5.")]
    [DataRow("1.5", "not a whole number '1.5'; expected the zero-based number of a row of meta/meta.csv, 0 to 5.")]
    [DataRow("-1", "negative row number '-1'; expected the zero-based number of a row of meta/meta.csv, 0 to 5.")]
    [DataRow("6", "row number out of range '6'; expected the zero-based number of a row of meta/meta.csv, 0 to 5.")]
    [DataRow("4294967296", "row number out of range '4294967296'; expected the zero-based number of a row of meta/meta.csv, 0 to 5.")]
    [DataRow("3", "duplicated row number '3'; expected each row once; line 2 has this one.")]
    [DataRow("2", "the case is in two splits '2'; expected each case in one; meta/train_indexes.csv, line 3 has this one.")]
    public void Splits_BadIndex_NamesFileLineAndExpectation(string index, string expected)
    {
        using var tiny = new TinyRelease();
        tiny.Validation.Add(index);

        Assert.AreEqual($"meta/valid_indexes.csv, line 4, column 'indexes': {expected}", tiny.Problems());
    }

    [TestMethod]
    public void Splits_WrongIndexColumn_IsNamed()
    {
        using var tiny = new TinyRelease();
        tiny.Test[0] = "index";
        tiny.Train.RemoveAt(0);

        StringAssert.Contains(tiny.Problems(), "meta/test_indexes.csv, line 1: unknown column 'index'; expected 'indexes' in its place.");
        StringAssert.Contains(tiny.Problems(), "meta/train_indexes.csv, line 1, column 'indexes': the column is missing");
    }

    [TestMethod]
    public void Problems_OfAllFiles_AreReportedAtOnceUpToTheLimit()
    {
        using TinyRelease tiny = new TinyRelease()
            .Set(1, "derm", "A/none.jpg").Set(2, "streaks", "wavy").Set(3, "seven_point_score", "?").Set(5, "derm", "../x.jpg");
        tiny.Test.Add("77");
        tiny.Write();

        Derm7ptReleaseException all = Assert.ThrowsExactly<Derm7ptReleaseException>(() => tiny.Read());
        Derm7ptReleaseException some = Assert.ThrowsExactly<Derm7ptReleaseException>(
            () => tiny.Read(new Derm7ptRelease.Options { ReportAtMost = 2 }));

        Assert.AreEqual(5, all.ProblemCount);
        CollectionAssert.AreEqual(
            new[] { "streaks", "seven_point_score", "indexes", "derm", "derm" }, all.Problems.Select(problem => problem.Column).ToArray());
        Derm7ptReleaseProblem first = all.Problems[0];
        Assert.AreEqual(("meta/meta.csv", 3, "streaks", "wavy"), (first.File, first.Line, first.Column, first.Value));
        Assert.AreEqual(("unknown label value", "one of 'absent', 'regular', 'irregular'"), (first.Message, first.Expected));
        StringAssert.StartsWith(all.Message, $"The Derm7pt release in '{tiny.Folder}' has 5 problems:\n- meta/meta.csv, line 3");
        Assert.HasCount(2, some.Problems);
        Assert.AreEqual(5, some.ProblemCount);
        StringAssert.EndsWith(some.Message, "\n- and 3 more");
    }

    [TestMethod]
    public void Warnings_OddButReadable_AreListed()
    {
        using TinyRelease tiny = new TinyRelease().Set(2, "seven_point_score", "3").Set(3, "sex", "");
        tiny.Test.RemoveAt(1);
        Derm7ptRelease release = tiny.Write().Read();

        Assert.AreEqual(
            """
            meta/meta.csv, line 3, column 'seven_point_score': the stored score is not the sum of the labels' scores: '3'; expected 0.
            meta/meta.csv, line 4, column 'sex': the value is empty; expected a value.
            meta/test_indexes.csv: the split 'test' has no case; expected row numbers below the header.
            meta/meta.csv, line 7: the case is in no split; expected its row number 5 in one of the index files.
            """,
            string.Join('\n', release.Warnings));
        Assert.AreEqual(0, release.Test.GetRowCount());
        Assert.AreEqual(6, release.All.GetRowCount());
    }

    [TestMethod]
    public void Images_OtherLetterCaseOnDisk_AreResolvedWithAWarning()
    {
        using var tiny = new TinyRelease();
        tiny.Images.Remove("images/A/derm1.jpg");
        tiny.Images.Remove("images/A/clinic1.jpg");
        tiny.Images.AddRange(["Images/a/Derm1.JPG", "Images/a/clinic1.jpg"]);
        for (int image = 0; image < tiny.Images.Count; image++)
            tiny.Images[image] = tiny.Images[image].Replace("images/", "Images/");
        Derm7ptRelease release = tiny.Write().Read();

        Assert.AreEqual(Path.Combine(tiny.Folder, "Images", "a", "Derm1.JPG"), release.Train.GetColumn<string>("ImagePath").First());
        Assert.IsTrue(release.All.GetColumn<string>("ImagePath").All(File.Exists));
        Assert.IsTrue(release.All.GetColumn<string>("ClinicalImagePath").All(File.Exists));
        Assert.AreEqual(
            """
            images: the folder has another letter case on disk: 'Images'; expected 'images'.
            meta/meta.csv, line 2, column 'clinic': the image has another letter case on disk: 'A/clinic1.jpg'; expected 'a/clinic1.jpg'.
            meta/meta.csv, line 2, column 'derm': the image has another letter case on disk: 'A/derm1.jpg'; expected 'a/Derm1.JPG'.
            """,
            string.Join('\n', release.Warnings));
    }

    [TestMethod]
    public void Images_SeveralInOtherLetterCases_AreAmbiguousUnlessOneIsExact()
    {
        using var tiny = new TinyRelease();
        tiny.Images.AddRange(["images/B/DERM2.jpg", "images/b/derm3.jpg"]);
        tiny.Images.Remove("images/B/derm4.jpg");
        tiny.Images.AddRange(["images/B/Derm4.jpg", "images/b/DERM4.jpg"]);
        tiny.Write();
        if (Directory.GetDirectories(Path.Combine(tiny.Folder, "images")).Length == 2)
            Assert.Inconclusive("This file system does not tell letter case apart.");

        Assert.AreEqual(
            "meta/meta.csv, line 5, column 'derm': more than one file has this name in another letter case: 'B/derm4.jpg'; "
            + "expected one of 'B/Derm4.jpg', 'b/DERM4.jpg', in its own letter case.",
            tiny.Problems());
    }

    [TestMethod]
    public void Images_BehindASymbolicLink_AreFound()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("Making a symbolic link takes a privilege on Windows.");
        using TinyRelease tiny = new TinyRelease().Write();
        Directory.Move(Path.Combine(tiny.Folder, "images"), Path.Combine(tiny.Folder, "elsewhere"));
        Directory.CreateSymbolicLink(Path.Combine(tiny.Folder, "images"), Path.Combine(tiny.Folder, "elsewhere"));

        Assert.IsEmpty(tiny.Read().Warnings);
    }

    [TestMethod]
    public void Images_BackslashesAndDots_AreUnderstood()
    {
        using TinyRelease tiny = new TinyRelease().Set(1, "derm", "B\\..\\.\\A\\derm1.jpg").Write();

        Assert.AreEqual(
            Path.Combine(tiny.Folder, "images", "A", "derm1.jpg"), tiny.Read().Train.GetColumn<string>("ImagePath").First());
    }

    [TestMethod]
    public void Images_Unchecked_NeedNotExist()
    {
        using TinyRelease tiny = new TinyRelease();
        tiny.Images.Clear();
        Derm7ptRelease release = tiny.Write().Read(new Derm7ptRelease.Options { CheckImages = false });

        Assert.AreEqual(Path.Combine(tiny.Folder, "images", "A", "derm1.jpg"), release.Train.GetColumn<string>("ImagePath").First());
    }

    [TestMethod]
    public void MLNetStages_OnARelease_Work()
    {
        using TinyRelease tiny = new TinyRelease().Write();
        var context = new MLContext(seed: 1);
        Derm7ptRelease release = context.Data.LoadDerm7pt(tiny.Folder);

        IDataView text = context.Transforms.Conversion.MapKeyToValue("DiagnosisText", "Diagnosis")
            .Fit(release.Train)
            .Transform(release.Train);
        CollectionAssert.AreEqual(new[] { "melanoma", "nevus", "nevus" }, text.GetColumn<string>("DiagnosisText").ToArray());

        IDataView cached = context.Data.Cache(release.All);
        IDataView suspicious = context.Data.FilterRowsByColumn(cached, "StoredSevenPointScore", lowerBound: 3);
        CollectionAssert.AreEqual(new[] { "1" }, suspicious.GetColumn<string>("CaseNumber").ToArray());
        Assert.HasCount(3, release.Train.Preview().RowView);
        CollectionAssert.AreEquivalent(
            release.All.GetColumn<string>("CaseNumber").ToArray(),
            context.Data.CrossValidationSplit(release.All, 3).SelectMany(fold => fold.TestSet.GetColumn<string>("CaseNumber")).ToArray());

        Case first = context.Data.CreateEnumerable<Case>(release.Train, reuseRowObject: false).First();
        Assert.AreEqual(("1", 3u), (first.CaseNumber, first.PigmentNetwork));
        Assert.AreEqual(("dotted", 10f), (first.VascularStructuresRaw, first.StoredSevenPointScore));
    }

    [TestMethod]
    public void ReleaseSchema_Embedded_CoversTheBuiltInTaxonomies()
    {
        ReleaseSchema schema = ReleaseSchema.Default;
        string[] labels = [.. schema.Columns.Where(column => column.Role == ReleaseColumnRole.Label).Select(column => column.Name)];

        CollectionAssert.AreEquivalent(Taxonomy.Derm7pt.Tasks.Select(task => task.Column).ToArray(), labels);
        Assert.IsTrue(schema.Columns.All(column => (column.Output is null) == (column.Role == ReleaseColumnRole.Label)));
        CollectionAssert.AreEqual(new[] { "train", "validation", "test" }, schema.Splits.Select(split => split.Name).ToArray());
    }

    private static Taxonomy OwnTaxonomy(string task, string column) => Taxonomy.FromJson(
        $$"""
        {"name":"own","version":1,"tasks":[{"name":"{{task}}","column":"{{column}}","kind":"criterion","labels":[
            {"name":"flat","values":["flat"]},{"name":"raised","score":1,"values":["palpable","nodular"]}]}]}
        """);

    private sealed class Case
    {
        public string CaseNumber { get; set; } = "";

        [KeyType(3)]
        public uint PigmentNetwork { get; set; }

        public string VascularStructuresRaw { get; set; } = "";

        public float StoredSevenPointScore { get; set; }
    }
}
