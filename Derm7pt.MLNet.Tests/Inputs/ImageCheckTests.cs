using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Tests.Releases;
using SkiaSharp;

namespace Derm7pt.MLNet.Tests.Inputs;

[TestClass]
public sealed class ImageCheckTests
{
    private const string CutOff = "is cut off: the end of the image is missing";

    private static byte[] Jpeg => File.ReadAllBytes(TemporaryImages.Write(120, 90, SKEncodedImageFormat.Jpeg));

    private static byte[] Png => File.ReadAllBytes(TemporaryImages.Write(120, 90, SKEncodedImageFormat.Png));

    [TestMethod]
    public void Describe_WholeFiles_FindsNothing()
    {
        foreach (byte[] whole in new[] { Jpeg, Png, File.ReadAllBytes(TemporaryImages.Write(120, 90, SKEncodedImageFormat.Webp)) })
        {
            Assert.IsNull(Describe(whole));
            Assert.IsNull(Describe([.. whole, .. "trailing"u8]));
        }
    }

    [TestMethod]
    [DataRow(0.3)]
    [DataRow(0.5)]
    [DataRow(0.99)]
    public void Describe_CutFiles_SaysSo(double part)
    {
        foreach (byte[] whole in new[] { Jpeg, Png, File.ReadAllBytes(TemporaryImages.Write(120, 90, SKEncodedImageFormat.Webp)) })
            Assert.AreEqual($"{CutOff}.", Describe(whole[..(int)(part * whole.Length)]));
    }

    [TestMethod]
    public void Describe_CutJpegWithAnEndMarkerInASegment_IsCutOff()
    {
        byte[] jpeg = ImageSplice.WithProfile(Jpeg, [0xFF, 0xD9, 0xFF, 0xD9]);

        Assert.IsNull(Describe([.. jpeg, 0]));
        Assert.AreEqual($"{CutOff}.", Describe(jpeg[..(jpeg.Length / 2)]));
    }

    [TestMethod]
    public void Read_DamagedImages_AreReportedWithFileAndLine()
    {
        using TinyRelease tiny = new TinyRelease().Write();
        Replace("A/derm1.jpg", []);
        Replace("B/derm2.jpg", "This is text."u8.ToArray());
        Replace("B/clinic3.jpg", Jpeg[..(Jpeg.Length / 2)]);
        Replace("B/derm4.jpg", [.. Jpeg, .. "trailing"u8]);
        Replace("B/derm5.jpg", Png[..^12]);

        Derm7ptReleaseException e = Assert.ThrowsExactly<Derm7ptReleaseException>(() => tiny.Read());

        const string Expected = "expected a whole image that can be decoded.";
        Assert.AreEqual(
            string.Join('\n', e.Problems.Order(Comparer<Derm7ptReleaseProblem>.Create((a, b) => Nullable.Compare(a.Line, b.Line)))),
            $"""
            meta/meta.csv, line 2, column 'derm': the image file is empty: 'A/derm1.jpg'; {Expected}
            meta/meta.csv, line 3, column 'derm': the image file is not an image that can be decoded: 'B/derm2.jpg'; {Expected}
            meta/meta.csv, line 4, column 'clinic': the image file {CutOff}: 'B/clinic3.jpg'; {Expected}
            meta/meta.csv, line 6, column 'derm': the image file {CutOff}: 'B/derm5.jpg'; {Expected}
            """.ReplaceLineEndings("\n"));
        Assert.IsEmpty(tiny.Read(new Derm7ptRelease.Options { CheckImages = false }).Warnings);

        void Replace(string name, byte[] content) => File.WriteAllBytes(Path.Combine(tiny.Folder, "images", name), content);
    }

    private static string? Describe(byte[] file) => ImageCheck.Describe(TemporaryImages.Write(file, ".jpg"));
}
