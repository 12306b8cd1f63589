using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using Derm7pt.MLNet.IntegrationTests.Build;
using Derm7pt.MLNet.Synthetic;
using Derm7pt.MLNet.Tests;
using Derm7pt.MLNet.Tests.Inputs;
using Derm7pt.MLNet.Tests.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace Derm7pt.MLNet.IntegrationTests.Samples;

[TestClass]
[TestCategory("Samples")]
public sealed class ScoreImagesTests
{
    private const int ImageSize = 96;
    private const string Notice = "not a medical device";

    private static readonly string[] Good = ["Grey.JPEG", "a.jpg", "alpha.PNG", "sub/c.bmp", "sub/deep/b.webp"];
    private static readonly string[] Bad = ["cut-off.jpg", "sub/empty.png"];

    private static string _folder = "";
    private static string _images = "";
    private static string _model = "";
    private static RandomModel? _network;

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static void Prepare(TestContext context)
    {
        _folder = Directory.CreateTempSubdirectory("derm7pt-score-").FullName;
        _images = Path.Combine(_folder, "images");
        _model = Path.Combine(_folder, "model.zip");
        _network = new RandomModel(ImageSize, seed: 31);
        WriteImages();
        using TransformerChain<ITransformer> chain = Pipeline(new MLContext(), out IDataView data);
        new MLContext().Model.Save(chain, data.Schema, _model);
        new MLContext().Model.Save(chain.LastTransformer, data.Schema, Path.Combine(_folder, "stage.zip"));
    }

    [ClassCleanup]
    public static void Delete()
    {
        _network?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [TestMethod]
    public async Task Run_FiveGoodAndTwoBadImages_ScoresTheGoodAndWarnsOfTheBad()
    {
        string output = Path.Combine(_folder, "new", "folder", "results");

        ScoreImagesProgram.Result result = await RunAsync("--model", _model, "--images", _images, "--out", output, "--verbose");

        Assert.AreEqual(2, result.ExitCode, result.Error);
        Assert.HasCount(Bad.Length + 1, result.ErrorLines, result.Error);
        Assert.AreEqual($"Warning: '{At("alpha.PNG")}': it is transparent in places; white was put underneath.", result.ErrorLines[^1]);
        for (int i = 0; i < Bad.Length; i++)
            Assert.StartsWith($"Skipped '{At(Bad[i])}': ", result.ErrorLines[i]);
        Assert.Contains("Scored 5 of 7 images", result.Output);
        Assert.Contains("images/s", result.Output);
        Assert.Contains("loaded modules has 'torch' in its name", result.Output);
        Assert.AreEqual(1, result.Output.Split(Notice).Length - 1, result.Output);
        CollectionAssert.AreEquivalent(
            new[] { "results.csv", "results.jsonl" }, Directory.GetFiles(Path.GetDirectoryName(output)!).Select(Path.GetFileName).ToArray());

        // The library's stage in this process gives the reference, also for the rotated image.
        using TransformerChain<ITransformer> chain = Pipeline(new MLContext(), out IDataView data, isLive: true);
        AssertEqual(chain.Transform(data), Table(output), [.. File.ReadLines($"{output}.jsonl")]);
    }

    [TestMethod]
    [DataRow("no-model.zip", "images", "There is no model")]
    [DataRow("images/a.jpg", "images", "is not a model that can be loaded")]
    [DataRow("stage.zip", "images", "does not begin at image files")]
    [DataRow("model.zip", "no-images", "There is no file or folder")]
    [DataRow("model.zip", "empty", "There are no images")]
    public async Task Run_NothingToScore_SaysSoInOneLine(string model, string images, string expected)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "empty"));
        string output = Path.Combine(_folder, $"nothing-{Guid.NewGuid():N}");

        ScoreImagesProgram.Result result = await RunAsync(
            "--model", Path.Combine(_folder, model), "--images", Path.Combine(_folder, images), "--out", output);

        Assert.AreEqual(1, result.ExitCode, result.Error);
        Assert.HasCount(1, result.ErrorLines, result.Error);
        Assert.Contains(expected, result.ErrorLines[0]);
        Assert.IsEmpty(Directory.GetFiles(_folder, Path.GetFileName(output) + "*"));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public async Task Run_Interrupted_LeavesOldResultsAndNothingHalfWritten()
    {
        string images = Directory.CreateDirectory(Path.Combine(_folder, "many")).FullName;
        byte[] large = LargeJpeg();
        for (int i = 0; i < 150; i++)
            File.WriteAllBytes(Path.Combine(images, $"{i:D3}.jpg"), large);
        string results = Directory.CreateDirectory(Path.Combine(_folder, "interrupted")).FullName;
        File.WriteAllText(Path.Combine(results, "r.csv"), "old");

        using Process process = ScoreImagesProgram.Start("--model", _model, "--images", images, "--out", Path.Combine(results, "r"));
        while (!process.HasExited && Directory.GetFiles(results, "*.partial-*").Length < 2)
            await Task.Delay(10, TestContext.CancellationToken);
        // This signal has the same effect as Ctrl-C, which a background process may not receive.
        using (Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            await kill.WaitForExitAsync(TestContext.CancellationToken);
        ScoreImagesProgram.Result result = await ScoreImagesProgram.FinishAsync(process, TestContext.CancellationToken);

        Assert.AreEqual(130, result.ExitCode, result.Error);
        Assert.Contains("Cancelled", result.Error);
        string[] left = [.. Directory.GetFiles(results).Select(file => Path.GetFileName(file)!)];
        CollectionAssert.AreEqual(new[] { "r.csv" }, left);
        Assert.AreEqual("old", File.ReadAllText(Path.Combine(results, "r.csv")));
    }

    [TestMethod]
    public async Task Project_References_AreMLNetAndOnnxRuntimeOnly()
    {
        DotNetResult result = await DotNet.RunAsync(
            RepositoryFolder.Path, new Dictionary<string, string>(), TestContext.CancellationToken,
            "msbuild", "samples/ScoreImages/ScoreImages.csproj", "-getItem:PackageReference,ProjectReference");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        using JsonDocument json = JsonDocument.Parse(result.Output);
        JsonElement items = json.RootElement.GetProperty("Items");

        CollectionAssert.AreEquivalent(
            new[]
            {
                "CsvHelper", "Microsoft.ML", "Microsoft.ML.ImageAnalytics", "Microsoft.ML.OnnxRuntime", "Microsoft.ML.OnnxTransformer",
                "Spectre.Console", "System.CommandLine",
            },
            items.GetProperty("PackageReference").EnumerateArray().Select(item => item.GetProperty("Identity").GetString()).ToArray());
        Assert.AreEqual(0, items.GetProperty("ProjectReference").GetArrayLength());
        string dependencies = await File.ReadAllTextAsync(
            Path.Combine(ScoreImagesProgram.Folder, "ScoreImages.deps.json"), TestContext.CancellationToken);
        foreach (string forbidden in new[] { "torch", "Derm7pt" })
            Assert.DoesNotContain(forbidden, dependencies, StringComparison.OrdinalIgnoreCase);
    }

    private static void AssertEqual(IDataView expected, string[][] table, string[] lines)
    {
        string[] header = table[0];
        Assert.HasCount(Good.Length + 1, table);
        Assert.HasCount(Good.Length, lines);
        CollectionAssert.AreEqual(
            Good.Select(At).ToArray(), table[1..].Select(row => row[0]).ToArray());
        for (int row = 0; row < Good.Length; row++)
        {
            using JsonDocument json = JsonDocument.Parse(lines[row]);
            Assert.AreEqual(table[row + 1][0], json.RootElement.GetProperty("ImagePath").GetString());
            foreach (ClassificationTask task in Taxonomy.Derm7pt.Tasks)
            {
                float[] scores = expected.GetColumn<float[]>($"{task.Name}Score").ElementAt(row);
                JsonElement own = json.RootElement.GetProperty($"{task.Name}Score");
                for (int label = 0; label < task.Labels.Count; label++)
                {
                    string name = task.Labels[label].Name;
                    Assert.AreEqual(scores[label], Number(row, $"{task.Name}Score.{name}"), 1e-6f, $"{Good[row]} {task.Name} {name}");
                    Assert.AreEqual(Number(row, $"{task.Name}Score.{name}"), own.GetProperty(name).GetSingle());
                }

                string text = expected.GetColumn<string>($"{task.Name}PredictedLabelText").ElementAt(row);
                Assert.AreEqual(text, Field(row, $"{task.Name}PredictedLabelText"));
                Assert.AreEqual(text, json.RootElement.GetProperty($"{task.Name}PredictedLabelText").GetString());
            }

            foreach (string number in new[] { "SevenPointScore", "MelanomaProbability" })
            {
                Assert.AreEqual(expected.GetColumn<float>(number).ElementAt(row), Number(row, number), 1e-6f);
                Assert.AreEqual(Number(row, number), json.RootElement.GetProperty(number).GetSingle());
            }
        }

        string Field(int row, string column) => table[row + 1][Array.IndexOf(header, column)];

        float Number(int row, string column) => float.Parse(Field(row, column), CultureInfo.InvariantCulture);
    }

    private static string[][] Table(string output)
    {
        using CsvReader reader = CsvReader.Create(File.OpenRead($"{output}.csv"), new CsvReaderOptions { HasHeader = false });
        var rows = new List<string[]>();
        while (reader.Read())
            rows.Add(reader.Current.ToArray());
        return [.. rows];
    }

    /// <summary>Creates a model like that of the quick start: it begins with paths, and the data have columns that scoring does not need.</summary>
    private static TransformerChain<ITransformer> Pipeline(MLContext ml, out IDataView data, bool isLive = false)
    {
        data = ml.Data.LoadFromEnumerable(
            Good.Select(name => new Case { ImagePath = At(name), DiagnosisRaw = "clark nevus", StoredSevenPointScore = 3 }));
        IEstimator<ITransformer> loading = isLive
            ? ml.Transforms.LoadDerm7ptImages("Image", inputColumnName: nameof(Case.ImagePath))
            : ml.Transforms.LoadImages("Image", imageFolder: "", nameof(Case.ImagePath));
        ITransformer images = loading
            .Append(ml.Transforms.ResizeImages("Image", ImageSize, ImageSize)).Fit(data);
        return new TransformerChain<ITransformer>([.. (IEnumerable<ITransformer>)images, _network!.CreateTransformer(images.GetOutputSchema(data.Schema))]);
    }

    private static void WriteImages()
    {
        Directory.CreateDirectory(Path.Combine(_images, "sub", "deep"));
        var random = new Random(34);
        RenderedLesion lesion = SyntheticImages.Draw(random, 160, 120);
        Write("a.jpg", ImageSplice.WithOrientation(lesion.ToJpeg(), 6));
        Write("cut-off.jpg", lesion.ToJpeg()[..^400]);
        Write("sub/empty.png", []);
        Write("notes.txt", Encoding.UTF8.GetBytes("not to be scored"));
        using SKBitmap colour = SKBitmap.Decode(SyntheticImages.Draw(random, 150, 130).ToPng());
        using SKBitmap grey = colour.Copy(SKColorType.Gray8);
        Write("Grey.JPEG", Encode(grey, SKEncodedImageFormat.Jpeg));
        Write("sub/deep/b.webp", Encode(colour, SKEncodedImageFormat.Webp));
        // A decoded opaque bitmap cannot store alpha.
        using var clear = new SKBitmap(colour.Info.WithAlphaType(SKAlphaType.Unpremul));
        for (int y = 0; y < colour.Height; y++)
        {
            for (int x = 0; x < colour.Width; x++)
                clear.SetPixel(x, y, colour.GetPixel(x, y).WithAlpha((byte)x));
        }

        Write("alpha.PNG", Encode(clear, SKEncodedImageFormat.Png));
        Write("sub/c.bmp", Bitmap(SyntheticImages.Draw(random, 64, 64)));

        static void Write(string name, byte[] bytes) => File.WriteAllBytes(At(name), bytes);

        static byte[] Encode(SKBitmap bitmap, SKEncodedImageFormat format)
        {
            using SKData data = bitmap.Encode(format, 90);
            return data.ToArray();
        }
    }

    // The image takes so long to decode that there is time to interrupt.
    private static byte[] LargeJpeg()
    {
        using SKBitmap small = SKBitmap.Decode(At("a.jpg"));
        using SKBitmap large = small.Resize(new SKImageInfo(3200, 2400), SKFilterQuality.Low);
        using SKData data = large.Encode(SKEncodedImageFormat.Jpeg, 90);
        return data.ToArray();
    }

    // SkiaSharp can read this format, but not write it. Rows of 64 pixels need no padding.
    private static byte[] Bitmap(RenderedLesion lesion)
    {
        const int HeaderSize = 54;
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("BM"u8);
        writer.Write(HeaderSize + lesion.Rgb.Length);
        writer.Write(0);
        writer.Write(HeaderSize);
        writer.Write(40);
        writer.Write(lesion.Width);
        writer.Write(-lesion.Height);
        writer.Write((short)1);
        writer.Write((short)24);
        writer.Write(new byte[24]);
        foreach (byte[] rgb in lesion.Rgb.ToArray().Chunk(3))
            writer.Write([rgb[2], rgb[1], rgb[0]]);
        return file.ToArray();
    }

    private static string At(string name) => Path.Combine([_images, .. name.Split('/')]);

    private Task<ScoreImagesProgram.Result> RunAsync(params string[] arguments) =>
        ScoreImagesProgram.RunAsync(TestContext.CancellationToken, arguments);

    private sealed class Case
    {
        public string ImagePath { get; set; } = "";

        public string DiagnosisRaw { get; set; } = "";

        public float StoredSevenPointScore { get; set; }
    }
}
