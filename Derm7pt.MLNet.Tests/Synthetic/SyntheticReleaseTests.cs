using System.Globalization;
using Derm7pt.MLNet.Synthetic;
using SkiaSharp;

namespace Derm7pt.MLNet.Tests.Synthetic;

[TestClass]
public sealed class SyntheticReleaseTests
{
    private const string Header =
        "case_num,diagnosis,seven_point_score,pigment_network,streaks,pigmentation,regression_structures,dots_and_globules," +
        "blue_whitish_veil,vascular_structures,level_of_diagnostic_difficulty,elevation,location,sex,management,clinic,derm,case_id,notes";

    private static readonly SyntheticReleaseOptions Small = new() { Cases = 60, Width = 48, Height = 32, Seed = 7 };
    private static string _root = "";
    private static string _folder = "";
    private static SyntheticReleaseSummary? _summary;

    [ClassInitialize]
    public static void WriteOnce(TestContext context)
    {
        _ = context;
        _root = Directory.CreateTempSubdirectory("derm7pt-synthetic-").FullName;
        _folder = Path.Combine(_root, "release");
        _summary = SyntheticRelease.Write(_folder, Small);
    }

    [ClassCleanup]
    public static void Delete() => Directory.Delete(_root, recursive: true);

    [TestMethod]
    public void Write_NewFolder_HasTheLayoutOfTheRealRelease()
    {
        CollectionAssert.AreEqual(
            new[] { "README.txt", "images", "meta" },
            Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray());
        CollectionAssert.AreEqual(
            new[] { "meta.csv", "test_indexes.csv", "train_indexes.csv", "valid_indexes.csv" },
            Directory.EnumerateFileSystemEntries(Path.Combine(_folder, "meta")).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray());
        Assert.AreEqual(Header, File.ReadLines(Path.Combine(_folder, "meta", "meta.csv")).First());
        Assert.AreEqual(Small.Cases, Rows().Count);
        Assert.AreEqual(2 * Small.Cases, ImagesOnDisk().Count);
        StringAssert.Contains(File.ReadAllText(Path.Combine(_folder, "README.txt")), "no data of any patient");
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(_root).Where(entry => entry != _folder));
    }

    [TestMethod]
    public void Write_Splits_AreDisjointAndTakeEveryRowInProportion()
    {
        int[][] splits = [.. new[] { "train", "valid", "test" }.Select(IndexesOf)];

        CollectionAssert.AreEqual(Enumerable.Range(0, Small.Cases).ToArray(), splits.SelectMany(rows => rows).Order().ToArray());
        CollectionAssert.AreEqual(new[] { 25, 12, 23 }, splits.Select(rows => rows.Length).ToArray());
        CollectionAssert.AreEqual(new[] { 25, 12, 23 }, _summary!.Splits.Select(split => split.Cases).ToArray());
    }

    [TestMethod]
    public void Write_EverySplit_HoldsEveryLabelAndEqualsTheSummary()
    {
        List<Dictionary<string, string>> rows = Rows();
        foreach ((string file, int split) in new[] { ("train", 0), ("valid", 1), ("test", 2) })
        {
            for (int task = 0; task < Taxonomy.Derm7pt.Tasks.Count; task++)
            {
                var counts = new int[Taxonomy.Derm7pt.Tasks[task].Labels.Count];
                foreach (int row in IndexesOf(file))
                    counts[LabelOf(rows[row], task)]++;
                CollectionAssert.DoesNotContain(counts, 0, $"{file}, {Taxonomy.Derm7pt.Tasks[task].Name}");
                CollectionAssert.AreEqual(_summary!.Splits[split].LabelCounts[task].ToArray(), counts);
            }
        }
    }

    [TestMethod]
    public void Write_ScoreColumn_IsTheSumOfTheTaxonomysScores()
    {
        foreach (Dictionary<string, string> row in Rows())
        {
            int[] labels = [.. Enumerable.Range(0, Taxonomy.Derm7pt.Tasks.Count).Select(task => LabelOf(row, task))];
            Assert.AreEqual(
                Taxonomy.Derm7pt.SevenPointScore(labels),
                int.Parse(row["seven_point_score"], CultureInfo.InvariantCulture));
        }
    }

    [TestMethod]
    public void Write_ImageNames_DifferFromTheTableInLetterCaseOnly()
    {
        HashSet<string> onDisk = ImagesOnDisk();
        string[] inTable = [.. Rows().SelectMany(row => new[] { row["clinic"], row["derm"] })];

        CollectionAssert.AreEquivalent(
            inTable.Select(name => name.ToUpperInvariant()).ToArray(), onDisk.Select(name => name.ToUpperInvariant()).ToArray());
        Assert.HasCount(inTable.Length, inTable.Select(name => name.ToUpperInvariant()).Distinct());
        Assert.IsTrue(inTable.Any(name => !onDisk.Contains(name)));
        Assert.IsTrue(inTable.Any(onDisk.Contains));
        Assert.IsTrue(onDisk.Any(name => name.EndsWith(".JPG", StringComparison.Ordinal)));
        Assert.IsTrue(onDisk.Any(name => name.EndsWith(".jpg", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Write_Images_AreJpegsOfTheSizeAskedFor()
    {
        foreach (string name in ImagesOnDisk())
        {
            using SKCodec codec = SKCodec.Create(Path.Combine(_folder, "images", name));
            Assert.AreEqual(SKEncodedImageFormat.Jpeg, codec.EncodedFormat);
            Assert.AreEqual((Small.Width, Small.Height), (codec.Info.Width, codec.Info.Height));
        }
    }

    [TestMethod]
    public void Write_NotesAndCaseIds_AreQuotedOrEmptyWhereTheRealOnesAre()
    {
        List<Dictionary<string, string>> rows = Rows();

        Assert.IsTrue(rows.Any(row => row["notes"].Contains(',', StringComparison.Ordinal)));
        Assert.IsTrue(rows.Any(row => row["notes"].Contains('"', StringComparison.Ordinal)));
        Assert.IsTrue(rows.Any(row => row["notes"].Length == 0));
        Assert.IsTrue(rows.Any(row => row["case_id"].Length == 0));
        Assert.IsTrue(rows.Any(row => row["case_id"].Length > 0));
    }

    [TestMethod]
    public void Write_SameSeedTwice_IsByteIdentical()
    {
        string again = Path.Combine(_root, "again");
        SyntheticRelease.Write(again, Small);

        CollectionAssert.AreEqual(FilesBelow(_folder), FilesBelow(again));
        foreach (string name in FilesBelow(_folder))
            CollectionAssert.AreEqual(File.ReadAllBytes(Path.Combine(_folder, name)), File.ReadAllBytes(Path.Combine(again, name)), name);
        Directory.Delete(again, recursive: true);
    }

    [TestMethod]
    public void Write_FolderThatIsNotEmpty_IsRefusedAndLeftAlone()
    {
        string taken = Directory.CreateTempSubdirectory("derm7pt-synthetic-").FullName;
        File.WriteAllText(Path.Combine(taken, "mine.txt"), "keep");

        IOException e = Assert.ThrowsExactly<IOException>(() => SyntheticRelease.Write(taken, Small));

        StringAssert.Contains(e.Message, "is not empty");
        Assert.HasCount(1, Directory.EnumerateFileSystemEntries(taken));
        Directory.Delete(taken, recursive: true);
    }

    [TestMethod]
    public void Write_Cancelled_LeavesNothingBehind()
    {
        string parent = Directory.CreateTempSubdirectory("derm7pt-synthetic-").FullName;
        using var cancellation = new CancellationTokenSource();
        var progress = new CancelAtOnce(cancellation);

        Assert.Throws<OperationCanceledException>(
            () => SyntheticRelease.Write(Path.Combine(parent, "release"), Small, progress, cancellation.Token));

        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(parent));
        Directory.Delete(parent);
    }

    [TestMethod]
    public void Write_OptionsOutOfRange_NamesAllErrorsAtOnce()
    {
        var options = new SyntheticReleaseOptions { Cases = 3, Width = 0, Height = 9999, LabelNoise = double.NaN, JpegQuality = 101 };

        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => SyntheticRelease.Write(Path.Combine(_root, "never"), options));

        foreach (string part in new[] { "Cases must be at least 30, got 3.", "Width must", "got 9999.", "LabelNoise must", "JpegQuality must" })
            StringAssert.Contains(e.Message, part);
        Assert.IsFalse(Directory.Exists(Path.Combine(_root, "never")));
    }

    [TestMethod]
    public void Render_RowOfARelease_IsThePictureOnDisk()
    {
        RenderedLesion lesion = SyntheticRelease.Render(Small, row: 5);

        string name = Rows()[5]["derm"];
        string onDisk = ImagesOnDisk().Single(file => string.Equals(file, name, StringComparison.OrdinalIgnoreCase));
        CollectionAssert.AreEqual(
            File.ReadAllBytes(Path.Combine(_folder, "images", onDisk)), lesion.ToJpeg(Small.JpegQuality));
    }

    private static List<Dictionary<string, string>> Rows()
    {
        // Parsed by hand, quote by quote, so that a lenient reader cannot hide an error of the writer.
        string[][] records = [.. File.ReadLines(Path.Combine(_folder, "meta", "meta.csv")).Select(Fields)];
        return [.. records.Skip(1).Select(fields => records[0].Zip(fields).ToDictionary(pair => pair.First, pair => pair.Second))];
    }

    private static string[] Fields(string line)
    {
        var fields = new List<string> { "" };
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
                fields[^1] += line[i++];
            else if (line[i] == '"')
                quoted = !quoted;
            else if (line[i] == ',' && !quoted)
                fields.Add("");
            else
                fields[^1] += line[i];
        }

        return [.. fields];
    }

    private static int[] IndexesOf(string split)
    {
        string[] lines = File.ReadAllLines(Path.Combine(_folder, "meta", $"{split}_indexes.csv"));
        Assert.AreEqual("indexes", lines[0]);
        return [.. lines.Skip(1).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
    }

    private static int LabelOf(Dictionary<string, string> row, int task)
    {
        Assert.IsTrue(Taxonomy.Derm7pt.Tasks[task].TryGetLabel(row[Taxonomy.Derm7pt.Tasks[task].Column], out int label));
        return label;
    }

    private static HashSet<string> ImagesOnDisk() =>
        [.. FilesBelow(Path.Combine(_folder, "images")).Select(name => name.Replace(Path.DirectorySeparatorChar, '/'))];

    private static string[] FilesBelow(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file))
            .Order(StringComparer.Ordinal)];

    private sealed class CancelAtOnce(CancellationTokenSource cancellation) : IProgress<int>
    {
        public void Report(int value) => cancellation.Cancel();
    }
}
