using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Tests.Inputs;
using Derm7pt.MLNet.Tests.Releases;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using SkiaSharp;

namespace Derm7pt.MLNet.Tests;

[TestClass]
public sealed class Derm7ptImageLoadingTests
{
    private const int Size = 64;

    public required TestContext TestContext { get; init; }

    private static readonly Lazy<string[]> LargeJpegs = new(() =>
        [.. Enumerable.Range(0, 12).Select(seed => TemporaryImages.Write(300, 200, SKEncodedImageFormat.Jpeg, seed: seed))]);

    private static MLContext Ml => TinyRun.Shared.Ml;

    [TestMethod]
    public void LoadDerm7ptImages_BadArguments_Throws()
    {
        Assert.ThrowsExactly<ArgumentNullException>(() => default(TransformsCatalog)!.LoadDerm7ptImages("Image", 1, 1));
        Assert.ThrowsExactly<ArgumentNullException>(() => Ml.Transforms.LoadDerm7ptImages(null!, 1, 1));
        Assert.ThrowsExactly<ArgumentException>(() => Ml.Transforms.LoadDerm7ptImages(" ", 1, 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Ml.Transforms.LoadDerm7ptImages("Image", 0, 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Ml.Transforms.LoadDerm7ptImages("Image", 1, 0));
        Assert.ThrowsExactly<ArgumentException>(() => Ml.Transforms.LoadDerm7ptImages("Image", imageWidth: 1));
        Assert.ThrowsExactly<ArgumentException>(() => Ml.Transforms.LoadDerm7ptImages("Image", imageHeight: 1));
    }

    [TestMethod]
    public void Fit_ColumnMissingOrNoText_Throws()
    {
        IDataView rows = Ml.Data.LoadFromEnumerable([new NumberRow()]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Transforms.LoadDerm7ptImages("Image", Size, Size).Fit(rows));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Ml.Transforms.LoadDerm7ptImages("Image", Size, Size, inputColumnName: "Path").Fit(rows));
    }

    [TestMethod]
    [DataRow("Image", "Path")]
    [DataRow("Path", null)]
    public void Transform_AnyInput_HasTheSchemaOfLoadImages(string output, string? input)
    {
        IDataView rows = Rows(LargeJpegs.Value);
        var ours = Ml.Transforms.LoadDerm7ptImages(output, Size, Size, inputColumnName: input);
        var theirs = Ml.Transforms.LoadImages(output, "", input);

        DataViewSchema schema = ours.Fit(rows).Transform(rows).Schema, expected = theirs.Fit(rows).Transform(rows).Schema;

        Assert.AreEqual(
            string.Join(", ", expected.Select(column => (column.Name, column.Type, column.IsHidden))),
            string.Join(", ", schema.Select(column => (column.Name, column.Type, column.IsHidden))));
        for (int i = 0; i < schema.Count; i++)
            SchemaAssert.AnnotationsEqual(expected[i], schema[i]);
        Assert.AreEqual(expected.ToString(), ours.Fit(rows).GetOutputSchema(rows.Schema).ToString());
        Assert.AreEqual(12, Images(ours.Fit(rows).Transform(rows), output).Count);
    }

    [TestMethod]
    public void Transform_LargeJpegs_IsNearWhatLoadImagesGivesAndSmaller()
    {
        IDataView rows = Rows(LargeJpegs.Value);
        IDataView loaded = Loading().Fit(rows).Transform(rows);
        Assert.IsTrue(Images(loaded, "Image").All(image => image.Length == 4 * 113 * 75), "3/8 of 300×200");

        var resize = Ml.Transforms.ResizeImages("Image", Size, Size);
        List<byte[]> ours = Images(resize.Fit(loaded).Transform(loaded), "Image");
        List<byte[]> theirs = Images(Ml.Transforms.LoadImages("Image", "", "Path").Append(resize).Fit(rows).Transform(rows), "Image");

        for (int i = 0; i < ours.Count; i++)
        {
            Assert.HasCount(4 * Size * Size, ours[i]);
            Assert.IsLessThan(3, ours[i].Zip(theirs[i], (a, b) => Math.Abs(a - b)).Average(), $"image {i}");
        }
    }

    [TestMethod]
    public void Transform_PngsAndSmallJpegs_GivesWhatLoadImagesGives()
    {
        IDataView rows = Rows(
            TemporaryImages.Write(300, 200, SKEncodedImageFormat.Png), TemporaryImages.Write(80, 70, SKEncodedImageFormat.Jpeg),
            TemporaryImages.Write(50, 500, SKEncodedImageFormat.Jpeg));
        var resize = Ml.Transforms.ResizeImages("Image", Size, Size);

        List<byte[]> ours = Images(Loading().Append(resize).Fit(rows).Transform(rows), "Image");
        List<byte[]> theirs = Images(Ml.Transforms.LoadImages("Image", "", "Path").Append(resize).Fit(rows).Transform(rows), "Image");

        for (int i = 0; i < ours.Count; i++)
            Assert.IsTrue(theirs[i].SequenceEqual(ours[i]), $"image {i}");
    }

    [TestMethod]
    public void Transform_NoSizeGiven_GivesLargeJpegsInFullAsLoadImagesDoes()
    {
        IDataView rows = Rows(LargeJpegs.Value);

        List<byte[]> ours = Images(Ml.Transforms.LoadDerm7ptImages("Image", inputColumnName: "Path").Fit(rows).Transform(rows), "Image");
        List<byte[]> theirs = Images(Ml.Transforms.LoadImages("Image", "", "Path").Fit(rows).Transform(rows), "Image");

        for (int i = 0; i < ours.Count; i++)
            Assert.IsTrue(theirs[i].SequenceEqual(ours[i]), $"image {i}");
    }

    // Training, live scoring and the report's examples each read the column in a different way.
    [TestMethod]
    public void Read_TurnedImage_IsUprightInTrainingScoringAndReport()
    {
        using SKBitmap upright = SKBitmap.Decode(LargeJpegs.Value[0]);
        using var upsideDown = new SKBitmap(upright.Width, upright.Height);
        for (int y = 0; y < upright.Height; y++)
        {
            for (int x = 0; x < upright.Width; x++)
                upsideDown.SetPixel(x, y, upright.GetPixel(upright.Width - 1 - x, upright.Height - 1 - y));
        }

        using SKData plain = upright.Encode(SKEncodedImageFormat.Png, 100), stored = upsideDown.Encode(SKEncodedImageFormat.Png, 100);
        using TinyRelease expectedRelease = new TinyRelease().Write(), turnedRelease = new TinyRelease().Write();
        IDataView expected = Resized(expectedRelease, plain.ToArray());
        IDataView turned = Resized(turnedRelease, ImageSplice.PngWithOrientation(stored.ToArray(), 3));

        using LabelledImages wanted = LabelledImages.Read(expected, "Image", Taxonomy.Derm7pt, "input", long.MaxValue, null, default);
        using LabelledImages training = LabelledImages.Read(turned, "Image", Taxonomy.Derm7pt, "input", long.MaxValue, null, default);
        Assert.IsTrue(wanted[0].SequenceEqual(training[0]));
        Derm7ptMultiTaskTransformer network = TinyRun.Shared.Model.LastTransformer;
        TinyRun.AssertEqual(TinyRun.Scores(network.Transform(expected)), TinyRun.Scores(network.Transform(turned)), 0);
        CollectionAssert.AreEqual(Example(expected), Example(turned));

        static IDataView Resized(TinyRelease tiny, byte[] first)
        {
            File.WriteAllBytes(Path.Combine(tiny.Folder, "images", "A", "derm1.jpg"), first);
            IDataView rows = tiny.Read().All;
            return Ml.Transforms.LoadDerm7ptImages("Image", inputColumnName: "ImagePath")
                .Append(Ml.Transforms.ResizeImages("Image", TinyRun.ImageSize, TinyRun.ImageSize)).Fit(rows).Transform(rows);
        }

        static float[] Example(IDataView data) => Derm7pt.MLNet.Reporting.Examples.ImageColumn
            .Read(data, "Image", TinyRun.ImageSize, TinyRun.ImageSize, [0]).Single().Pixels;
    }

    [TestMethod]
    [DataRow(false, false)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    [DataRow(true, true)]
    public void Read_ImagesInMemoryReadTwice_AdvisesAGetterWhichWorks(bool isResized, bool isExtracted)
    {
        foreach (Action<IDataView> read in new Action<IDataView>[] { Read, ReadForReport })
        {
            IDataView kept = Prepared(new KeptImage()), made = Prepared(new MadeImage());
            read(made);
            read(made);
            // The first reader disposes it, at the latest.
            Action twice = () =>
            {
                read(kept);
                read(kept);
            };

            InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(twice);

            StringAssert.StartsWith(e.Message, "Row 0: ");
            StringAssert.Contains(e.Message, "The image is disposed");
            StringAssert.Contains(e.Message, "make it in the property's getter");
        }

        IDataView Prepared<T>(T row)
            where T : class
        {
            IDataView data = Ml.Data.LoadFromEnumerable([row]);
            data = isResized ? Ml.Transforms.ResizeImages("Image", 8, 8).Fit(data).Transform(data) : data;
            return isExtracted ? Ml.Transforms.ExtractPixels("Image").Fit(data).Transform(data) : data;
        }

        static void Read(IDataView data)
        {
            PixelColumn pixels = PixelColumn.Bind(data.Schema, "Image");
            using DataViewRowCursor cursor = data.GetRowCursor([pixels.Column]);
            using PixelReader reader = pixels.Open(cursor, data);
            cursor.MoveNext();
            reader.Read(new byte[pixels.Length]);
        }

        static void ReadForReport(IDataView data) => _ = Derm7pt.MLNet.Reporting.Examples.ImageColumn.Read(data, "Image", 8, 8, [0]).Single();
    }

    [TestMethod]
    public void Read_NoImage_SaysWhichRowOfTheReport()
    {
        IDataView data = Ml.Data.LoadFromEnumerable([new KeptImage(), new KeptImage { Image = null! }]);

        var e = Assert.ThrowsExactly<InvalidDataException>(
            () => Derm7pt.MLNet.Reporting.Examples.ImageColumn.Read(data, "Image", 8, 8, [1]).Single());

        Assert.AreEqual("Row 1: the image of column 'Image' could not be read: There is no image.", e.Message);
    }

    [TestMethod]
    public void Transform_ImageFolderAndTag_AreAsInLoadImages()
    {
        string path = LargeJpegs.Value[0];
        IDataView rows = Rows(Path.GetFileName(path), "");
        IDataView ours = Ml.Transforms.LoadDerm7ptImages("Image", Size, Size, TemporaryImages.Folder, "Path").Fit(rows).Transform(rows);
        IDataView theirs = Ml.Transforms.LoadImages("Image", TemporaryImages.Folder, "Path").Fit(rows).Transform(rows);

        Assert.AreEqual(Tags(theirs), Tags(ours));
        StringAssert.StartsWith(Tags(ours), path);
    }

    [TestMethod]
    public void GetRowCursor_RowsPassedOver_OpensNoFile()
    {
        IDataView loaded = Loaded("missing.jpg", LargeJpegs.Value[0], "missing.jpg");
        DataViewSchema.Column column = loaded.Schema["Image"];
        using DataViewRowCursor cursor = loaded.GetRowCursor([column]);
        ValueGetter<MLImage> getter = cursor.GetGetter<MLImage>(column);
        MLImage image = null!;

        cursor.MoveNext();
        cursor.MoveNext();
        getter(ref image);
        using MLImage first = image;
        Assert.AreEqual(113, first.Width);
        getter(ref image);
        Assert.AreNotSame(first, image);
        Assert.Throws<InvalidOperationException>(() => first.Width, "the image before is disposed");
        Assert.IsTrue(cursor.MoveNext());
        Assert.ThrowsExactly<FileNotFoundException>(() => getter(ref image));
        Assert.IsNull(image);
    }

    [TestMethod]
    public void GetRowCursor_ColumnNotAskedFor_HasNoGetter()
    {
        IDataView loaded = Loaded(LargeJpegs.Value);
        using DataViewRowCursor cursor = loaded.GetRowCursor([loaded.Schema["Path"]]);

        Assert.IsFalse(cursor.IsColumnActive(loaded.Schema["Image"]));
        Assert.Throws<Exception>(() => cursor.GetGetter<MLImage>(loaded.Schema["Image"]));
    }

    [TestMethod]
    public void Transform_RowCountShuffleAndIds_AreThoseOfTheInput()
    {
        IDataView rows = TinyRun.Shared.Release.All;
        IDataView loaded = Ml.Transforms.LoadDerm7ptImages("Image", 16, 16, inputColumnName: "ImagePath").Fit(rows).Transform(rows);

        Assert.AreEqual(rows.GetRowCount(), loaded.GetRowCount());
        Assert.IsTrue(loaded.CanShuffle);
        CollectionAssert.AreEqual(Ids(rows, new Random(4)), Ids(loaded, new Random(4)));
        CollectionAssert.AreNotEqual(Ids(rows, null), Ids(loaded, new Random(4)));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void GetRowCursorSet_SharedInputOrNot_GivesEveryImageOnceOnSeveralCursors(bool inputShares)
    {
        IDataView rows = TinyRun.Shared.Release.All;
        // A watched view always returns one cursor, regardless of the requested number.
        rows = inputShares ? rows : new WatchedView(rows);
        IDataView loaded = Ml.Transforms.LoadDerm7ptImages("Image", 16, 16, inputColumnName: "ImagePath").Fit(rows).Transform(rows);
        DataViewSchema.Column column = loaded.Schema["Image"];
        List<byte[]> expected = Images(loaded, "Image");

        DataViewRowCursor[] cursors = loaded.GetRowCursorSet([column], 3);
        var found = new List<(long Batch, long Position, byte[] Pixels)>();
        Thread[] threads = [.. cursors.Select(cursor => new Thread(() =>
        {
            using (cursor)
            {
                ValueGetter<MLImage> getter = cursor.GetGetter<MLImage>(column);
                MLImage image = null!;
                while (cursor.MoveNext())
                {
                    getter(ref image);
                    lock (found)
                        found.Add((cursor.Batch, cursor.Position, image.Pixels.ToArray()));
                }

                image?.Dispose();
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.IsGreaterThan(1, cursors.Length);
        byte[][] ordered = [.. found.OrderBy(row => row.Batch).ThenBy(row => row.Position).Select(row => row.Pixels)];
        Assert.HasCount(expected.Count, ordered);
        for (int i = 0; i < ordered.Length; i++)
            Assert.IsTrue(expected[i].SequenceEqual(ordered[i]), $"image {i}");
    }

    [TestMethod]
    public void Read_FileThatIsCutOff_SaysRowAndFileOnce()
    {
        byte[] whole = File.ReadAllBytes(LargeJpegs.Value[0]);
        string cut = TemporaryImages.Write(whole[..(whole.Length / 2)], ".jpg");
        IDataView loaded = Loaded(LargeJpegs.Value[0], cut);
        IDataView resized = Ml.Transforms.ResizeImages("Image", Size, Size).Fit(loaded).Transform(loaded);
        PixelColumn pixels = PixelColumn.Bind(resized.Schema, "Image");
        using DataViewRowCursor cursor = resized.GetRowCursor([pixels.Column]);
        using PixelReader reader = pixels.Open(cursor, resized);
        var planar = new byte[pixels.Length];
        cursor.MoveNext();
        reader.Read(planar);
        cursor.MoveNext();

        var e = Assert.ThrowsExactly<InvalidDataException>(() => reader.Read(planar));

        Assert.AreEqual($"Row 1: column 'Image' could not be read: '{cut}' is cut off: the end of the image is missing.", e.Message);
    }

    [TestMethod]
    public void Save_WholePipeline_LoadsAsMLNetsOwnAndPredictsNearly()
    {
        TinyRun run = TinyRun.Shared;
        var images = Ml.Transforms.LoadDerm7ptImages("Image", TinyRun.ImageSize, TinyRun.ImageSize, inputColumnName: "ImagePath")
            .Append(Ml.Transforms.ResizeImages("Image", TinyRun.ImageSize, TinyRun.ImageSize));
        ITransformer model = new TransformerChain<ITransformer>(images.Fit(run.Release.Test), run.Model.LastTransformer);
        using var file = new MemoryStream();
        Ml.Model.Save(model, run.Release.Test.Schema, file);
        file.Position = 0;

        ITransformer loaded = new MLContext().Model.Load(file, out _);

        Assert.IsFalse(Flatten(loaded).Any(stage => stage.GetType().Assembly == typeof(Derm7ptCatalog).Assembly));
        Assert.IsInstanceOfType<ImageLoadingTransformer>(Flatten(loaded).First());
        // The saved model decodes at full size, like the pipeline with LoadImages.
        float[][] expected = TinyRun.Scores(run.Scored);
        TinyRun.AssertEqual(expected, TinyRun.Scores(loaded.Transform(run.Release.Test)), 1e-5f);
        TinyRun.AssertEqual(expected, TinyRun.Scores(model.Transform(run.Release.Test)), 0.05f);

        // The same holds for one image at a time, before and after saving.
        CasePath input = new() { ImagePath = run.Release.Test.GetColumn<string>("ImagePath").First() };
        // All tests share the trained stage, so it is not disposed.
        using PredictionEngine<CasePath, Diagnosis> before =
            Ml.Model.CreatePredictionEngine<CasePath, Diagnosis>(model, new PredictionEngineOptions { OwnsTransformer = false });
        using PredictionEngine<CasePath, Diagnosis> after = Ml.Model.CreatePredictionEngine<CasePath, Diagnosis>(loaded);
        TinyRun.AssertEqual(
            [TinyRun.Vectors(model.Transform(run.Release.Test), "DiagnosisScore")[0]], [before.Predict(input).DiagnosisScore], 1e-5f);
        TinyRun.AssertEqual([TinyRun.Vectors(run.Scored, "DiagnosisScore")[0]], [after.Predict(input).DiagnosisScore], 1e-5f);
    }

    private static IEstimator<ITransformer> Loading() => Ml.Transforms.LoadDerm7ptImages("Image", Size, Size, inputColumnName: "Path");

    private static IDataView Rows(params string[] paths) => Ml.Data.LoadFromEnumerable(paths.Select(path => new PathRow { Path = path }));

    private static IDataView Loaded(params string[] paths)
    {
        IDataView rows = Rows(paths);
        return Loading().Fit(rows).Transform(rows);
    }

    private static List<byte[]> Images(IDataView data, string column) =>
        [.. data.GetColumn<MLImage>(data.Schema[column]).Select(image => image.Pixels.ToArray())];

    private static string Tags(IDataView data) =>
        string.Join('|', data.GetColumn<MLImage?>(data.Schema["Image"]).Select(image => image is null ? "none" : image.Tag));

    private static List<DataViewRowId> Ids(IDataView data, Random? random)
    {
        var ids = new List<DataViewRowId>();
        using DataViewRowCursor cursor = data.GetRowCursor([], random);
        ValueGetter<DataViewRowId> getter = cursor.GetIdGetter();
        while (cursor.MoveNext())
        {
            DataViewRowId id = default;
            getter(ref id);
            ids.Add(id);
        }

        return ids;
    }

    private static IEnumerable<ITransformer> Flatten(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [model];

    private sealed class PathRow
    {
        public string Path { get; set; } = "";

        public float Number { get; set; }
    }

    private sealed class NumberRow
    {
        public float Path { get; set; }
    }

    private sealed class KeptImage
    {
        [ImageType(8, 8)]
        public MLImage Image { get; set; } = MLImage.CreateFromPixels(8, 8, MLPixelFormat.Bgra32, new byte[256]);
    }

    private sealed class MadeImage
    {
        [ImageType(8, 8)]
        public MLImage Image => MLImage.CreateFromPixels(8, 8, MLPixelFormat.Bgra32, new byte[256]);
    }

    private sealed class CasePath
    {
        public string ImagePath { get; set; } = "";
    }

    private sealed class Diagnosis
    {
        public float[] DiagnosisScore { get; set; } = [];
    }
}
