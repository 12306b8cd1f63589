using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.Versioning;
using System.Text;
using CsvHelper;
using Derm7pt.MLNet.Tests.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace Derm7pt.MLNet.IntegrationTests.Samples;

/// <summary>Tests samples/ScoreImages with folders as they occur in practice.</summary>
[TestClass]
[TestCategory("Samples")]
public sealed class ScoreImagesFolderTests
{
    private const int ImageSize = 96;

    private static readonly string[] Six = ["0.jpg", "1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"];

    private static string _root = "";
    private static string _model = "";
    private static byte[] _jpeg = [];

    private string _images = "";

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static void SaveModel(TestContext context)
    {
        _root = Directory.CreateTempSubdirectory("derm7pt-folders-").FullName;
        _jpeg = SyntheticImages.Draw(new Random(5), 120, 100).ToJpeg();
        _model = Path.Combine(_root, "model.zip");
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable<Case>([]);
        using var network = new RandomModel(ImageSize, seed: 12);
        ITransformer images = ml.Transforms.LoadImages("Image", imageFolder: "", nameof(Case.ImagePath))
            .Append(ml.Transforms.ResizeImages("Image", ImageSize, ImageSize)).Fit(data);
        using var chain = new TransformerChain<ITransformer>(
            [.. (IEnumerable<ITransformer>)images, network.CreateTransformer(images.GetOutputSchema(data.Schema))]);
        ml.Model.Save(chain, data.Schema, _model);
    }

    [ClassCleanup]
    public static void Delete() => Directory.Delete(_root, recursive: true);

    [TestInitialize]
    public void CreateFolder() => _images = Directory.CreateDirectory(Path.Combine(_root, $"{Guid.NewGuid():N}", "images")).FullName;

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public async Task Run_LinksInCirclesAndTwice_ScoresEveryRealFileOnce()
    {
        // In the order of names, links precede their targets.
        Write("z.jpg", _jpeg);
        Write("deep/y.jpg", _jpeg);
        Write("../elsewhere/outside.jpg", _jpeg);
        Write("../single.jpg", _jpeg);
        Link("loop", ".");
        Link("deep/up", "../../images");
        Link("a-deep", "deep");
        Link("a.jpg", "z.jpg");
        Link("outside", Path.Combine(_images, "..", "elsewhere"));
        Link("outside-again", "outside");
        Link("one.jpg", "../single.jpg");
        Link("two.jpg", "one.jpg");

        ScoreImagesProgram.Result result = await RunAsync();

        Assert.AreEqual(0, result.ExitCode, result.Error);
        CollectionAssert.AreEqual(new[] { "deep/y.jpg", "one.jpg", "outside/outside.jpg", "z.jpg" }, ScoredFiles());
        Assert.Contains("Scored 4 of 4 images", result.Output);
        Assert.Contains("6 links to what is scored under another name", result.Output);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public async Task Run_LinksThatLeadNowhere_AreNamedAndTheRestIsScored()
    {
        Write("good.jpg", _jpeg);
        Link("broken.jpg", "missing.jpg");
        Link("circle", "circle");

        ScoreImagesProgram.Result result = await RunAsync();

        Assert.AreEqual(2, result.ExitCode, result.Error);
        CollectionAssert.AreEqual(new[] { "good.jpg" }, ScoredFiles());
        AssertSkipped(result, "broken.jpg", "circle");
    }

    [TestMethod]
    public async Task Run_FolderWithinAFolderGiven_ScoresItsFilesOnce()
    {
        Write("a.jpg", _jpeg);
        Write("sub/b.jpg", _jpeg);

        ScoreImagesProgram.Result result = await RunAsync(_images, At("sub"), At("a.jpg"), At("sub/../a.jpg"));

        Assert.AreEqual(0, result.ExitCode, result.Error);
        CollectionAssert.AreEqual(new[] { "a.jpg", "sub/b.jpg" }, ScoredFiles());
    }

    [TestMethod]
    public async Task Run_ImagesUnderOtherNames_AreReadByTheirContent()
    {
        Write("1.jpg", _jpeg);
        Write("2", _jpeg);
        Write("3.dat", Encode(SKEncodedImageFormat.Png));
        Write("4.tiff", Encode(SKEncodedImageFormat.Webp));
        Write("5.JFIF", _jpeg);
        Write("6.gif", Gif);

        ScoreImagesProgram.Result result = await RunAsync();

        Assert.AreEqual(0, result.ExitCode, result.Error);
        CollectionAssert.AreEqual(new[] { "1.jpg", "2", "3.dat", "4.tiff", "5.JFIF", "6.gif" }, ScoredFiles());
    }

    [TestMethod]
    public async Task Run_ImagesThatCannotBeDecoded_AreNamedWithTheirFormat()
    {
        Write("1.jpg", _jpeg);
        Write("2.tiff", [0x49, 0x49, 0x2A, 0, 8, 0, 0, 0, 0, 0, 0, 0]);
        Write("3.heic", [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0, .. "mif1heic"u8]);
        Write("4.avif", [0, 0, 0, 24, .. "ftypavif"u8, 0, 0, 0, 0, .. "mif1miaf"u8]);
        Write("5", [0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8]);
        Write("6.png", "text"u8);
        Write("7.jpg", []);
        Write("8", [.. new byte[128], .. "DICM"u8, 2, 0]);
        Write("9.bin", [0xFF, 0xD8, 0xFF, 0xE0]);

        ScoreImagesProgram.Result result = await RunAsync();

        Assert.AreEqual(2, result.ExitCode, result.Error);
        CollectionAssert.AreEqual(new[] { "1.jpg" }, ScoredFiles());
        Assert.Contains("Scored 1 of 9 images", result.Output);
        AssertSkipped(result, "2.tiff", "3.heic", "4.avif", "5", "6.png", "7.jpg", "8", "9.bin");
        string[] formats = ["TIFF", "HEIF", "AVIF", "TIFF", "can be decoded", "empty", "DICOM", "damaged JPEG"];
        Assert.AreEqual(formats.Length, formats.Zip(result.ErrorLines).Count(pair => pair.Second.Contains(pair.First)), result.Error);
    }

    [TestMethod]
    public async Task Run_FilesThatAreNoImages_AreCountedAndDoNotChangeTheExitCode()
    {
        Write("1.jpg", _jpeg);
        Write("labels.csv", "a,b"u8);
        Write("more.CSV", "a,b"u8);
        Write("Thumbs.db", [0xD0, 0xCF, 0x11, 0xE0]);
        Write("README", "text"u8);
        Write("zeros.bin", new byte[4096]);
        Write("wbmp.bin", [0, 0, 4, 4, .. new byte[16]]);
        Write("video.mp4", [0, 0, 0, 24, .. "ftypisom"u8, 0, 0, 0, 0, .. "isomavc1"u8]);
        Write("empty", []);
        Write(".DS_Store", [0, 0, 0, 1]);
        Write("._1.jpg", [0, 5, 22, 7]);
        Write(".cache/2.jpg", _jpeg);
        if (OperatingSystem.IsWindows())
        {
            foreach (string hidden in new[] { ".DS_Store", "._1.jpg", ".cache" })
                File.SetAttributes(At(hidden), File.GetAttributes(At(hidden)) | FileAttributes.Hidden);
        }

        ScoreImagesProgram.Result result = await RunAsync();

        Assert.AreEqual(0, result.ExitCode, result.Error);
        Assert.IsEmpty(result.ErrorLines);
        CollectionAssert.AreEqual(new[] { "1.jpg" }, ScoredFiles());
        Assert.Contains("Scored 1 of 1 images", result.Output);
        Assert.Contains(
            "8 files that are no images (2 without extension, 2 .bin, 2 .csv, 1 .db, 1 .mp4); 3 hidden files or folders",
            result.Output.ReplaceLineEndings(" "));
    }

    [TestMethod]
    public async Task Run_HiddenFolderGiven_IsSearched()
    {
        Write(".hidden/1.jpg", _jpeg);

        ScoreImagesProgram.Result result = await RunAsync(At(".hidden"));

        Assert.AreEqual(0, result.ExitCode, result.Error);
        CollectionAssert.AreEqual(new[] { ".hidden/1.jpg" }, ScoredFiles());
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [UnsupportedOSPlatform("windows")]
    public async Task Run_FolderWithoutPermission_IsNamedAndTheRestIsScored()
    {
        Write("a.jpg", _jpeg);
        Write("locked/b.jpg", _jpeg);
        Write("c.jpg", _jpeg);
        File.SetUnixFileMode(At("locked"), UnixFileMode.None);
        File.SetUnixFileMode(At("c.jpg"), UnixFileMode.None);
        try
        {
            ScoreImagesProgram.Result result = await RunAsync(CanRead(At("c.jpg")) ? WithoutPrivileges : _ => { }, _images);

            Assert.AreEqual(2, result.ExitCode, result.Error);
            CollectionAssert.AreEqual(new[] { "a.jpg" }, ScoredFiles());
            AssertSkipped(result, "locked", "c.jpg");
        }
        finally
        {
            // Otherwise the folder could not be deleted.
            File.SetUnixFileMode(At("locked"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [TestMethod]
    public async Task Run_ImageThatDoesNotFitInMemory_IsNamedAndTheRestIsScored()
    {
        WriteSix();
        Write("3-huge.png", EmptyPng(22_000));

        ScoreImagesProgram.Result result = await RunAsync(start => LimitHeap(start, megabytes: 1024), _images);

        Assert.AreEqual(2, result.ExitCode, result.Error);
        CollectionAssert.AreEqual(Six, ScoredFiles());
        AssertSkipped(result, "3-huge.png");
    }

    // Whether the image fits into memory depends on the decoder. Other results must not depend on it.
    [TestMethod]
    public async Task Run_ImageThatHardlyFitsInMemory_DoesNotAffectTheOthers()
    {
        WriteSix();
        Write("3-large.png", EmptyPng(9_000));

        ScoreImagesProgram.Result result = await RunAsync(start => LimitHeap(start, megabytes: 256), _images);

        bool isScored = result.ExitCode == 0;
        Assert.AreEqual(isScored ? 0 : 2, result.ExitCode, result.Error);
        AssertSkipped(result, isScored ? [] : ["3-large.png"]);
        CollectionAssert.IsSubsetOf(Six, ScoredFiles());
    }

    private void WriteSix() => Array.ForEach(Six, name => Write(name, _jpeg));

    private static void LimitHeap(ProcessStartInfo start, int megabytes) =>
        start.Environment["DOTNET_GCHeapHardLimit"] = $"{(long)megabytes << 20:X}";

    private static byte[] Encode(SKEncodedImageFormat format)
    {
        using SKBitmap bitmap = SKBitmap.Decode(_jpeg);
        using SKData data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    // Root can read every file unless it drops the capabilities for this.
    private static void WithoutPrivileges(ProcessStartInfo start)
    {
        const string Program = "/usr/bin/setpriv";
        if (!File.Exists(Program))
            Assert.Inconclusive("This user may read everything.");
        foreach (string argument in new[] { start.FileName, "--inh-caps=-all", "--bounding-set=-all" })
            start.ArgumentList.Insert(0, argument);
        start.FileName = Program;
    }

    private static bool CanRead(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Images of one pixel in the formats that SkiaSharp can read but not write.
    private static byte[] Gif =>
        [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 200, 100, 50, 0, 0, 0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B];

    /// <summary>Creates a black picture of one bit per pixel, which is large but has a small file.</summary>
    private static byte[] EmptyPng(int extent)
    {
        using var file = new MemoryStream();
        file.Write([0x89, .. "PNG"u8, 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] size = [(byte)(extent >> 24), (byte)(extent >> 16), (byte)(extent >> 8), (byte)extent];
        Chunk("IHDR", [.. size, .. size, 1, 0, 0, 0, 0]);
        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Fastest))
        {
            var row = new byte[1 + ((extent + 7) / 8)];
            for (int y = 0; y < extent; y++)
                zlib.Write(row);
        }

        Chunk("IDAT", data.ToArray());
        Chunk("IEND", []);
        return file.ToArray();

        void Chunk(string type, byte[] content)
        {
            byte[] typed = [.. Encoding.ASCII.GetBytes(type), .. content];
            file.Write([(byte)(content.Length >> 24), (byte)(content.Length >> 16), (byte)(content.Length >> 8), (byte)content.Length]);
            file.Write(typed);
            uint crc = Crc(typed);
            file.Write([(byte)(crc >> 24), (byte)(crc >> 16), (byte)(crc >> 8), (byte)crc]);
        }

        static uint Crc(byte[] bytes)
        {
            uint crc = uint.MaxValue;
            foreach (byte value in bytes)
            {
                crc ^= value;
                for (int bit = 0; bit < 8; bit++)
                    crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }

            return ~crc;
        }
    }

    private void AssertSkipped(ScoreImagesProgram.Result result, params string[] names)
    {
        Assert.HasCount(names.Length, result.ErrorLines, result.Error);
        for (int i = 0; i < names.Length; i++)
            Assert.StartsWith($"Skipped '{At(names[i])}': ", result.ErrorLines[i]);
    }

    private string Output => Path.Combine(_images, "..", "scores");

    private string[] ScoredFiles()
    {
        using CsvReader reader = CsvReader.Create(File.OpenRead($"{Output}.csv"), new CsvReaderOptions { HasHeader = true });
        var files = new List<string>();
        while (reader.Read())
            files.Add(Path.GetRelativePath(_images, reader.Current[0].ToString()).Replace('\\', '/'));
        return [.. files];
    }

    private string At(string name) => Path.Combine([_images, .. name.Split('/')]);

    private void Write(string name, ReadOnlySpan<byte> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllBytes(At(name), content);
    }

    private void Link(string name, string target) => File.CreateSymbolicLink(At(name), target);

    private Task<ScoreImagesProgram.Result> RunAsync() => RunAsync(_images);

    private Task<ScoreImagesProgram.Result> RunAsync(params string[] images) => RunAsync(_ => { }, images);

    private async Task<ScoreImagesProgram.Result> RunAsync(Action<ProcessStartInfo> configure, params string[] images)
    {
        using Process process = ScoreImagesProgram.Start(configure, ["--model", _model, "--images", .. images, "--out", Output]);
        return await ScoreImagesProgram.FinishAsync(process, TestContext.CancellationToken);
    }

    private sealed class Case
    {
        public string ImagePath { get; set; } = "";
    }
}
