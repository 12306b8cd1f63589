using Derm7pt.MLNet.Inputs;
using SkiaSharp;

namespace Derm7pt.MLNet.Tests.Inputs;

[TestClass]
public sealed class JpegMarkersTests
{
    private const int RestartBlocks = 2;

    [TestMethod]
    public void Read_WholeFiles_FindsTheirEndAndNothingElse()
    {
        byte[] photo = File.ReadAllBytes(TemporaryImages.Write(300, 200, SKEncodedImageFormat.Jpeg));
        foreach (byte[] whole in new[] { photo, Blocks(), Blocks(isProgressive: true), Blocks(restarts: true), Blocks(isProgressive: true, restarts: true) })
        {
            Assert.AreEqual(new JpegMarkers(HasEnd: true, IsBroken: false), JpegMarkers.Read(whole));
            // Data after the end, for example a second picture, are ignored.
            Assert.AreEqual(new JpegMarkers(HasEnd: true, IsBroken: false), JpegMarkers.Read([.. whole, .. whole, 0xFF, 0xD3]));
            Assert.AreEqual(new JpegMarkers(HasEnd: true, IsBroken: false), JpegMarkers.Read(ImageSplice.WithProfile(whole, [0xFF, 0xD9, 0xFF, 0xD8])));
            // Fill bytes precede a marker, and a comment follows the data.
            Assert.AreEqual(new JpegMarkers(HasEnd: true, IsBroken: false), JpegMarkers.Read([.. whole[..^2], 0xFF, 0xFF, 0xFE, 0, 3, 65, 0xFF, 0xD9]));
            AssertDecodes(whole);
        }
    }

    [TestMethod]
    public void Read_PartsOfFiles_HaveNoEnd()
    {
        byte[] whole = Blocks(isProgressive: true, restarts: true);
        for (int length = 0; length < whole.Length; length++)
            Assert.AreEqual(default, JpegMarkers.Read(whole.AsSpan(0, length)), $"{length} of {whole.Length} bytes");
    }

    // Start of an image, a frame, reserved markers and an unexpected restart; tables and another scan after the only scan.
    [TestMethod]
    [DataRow(0xD8)]
    [DataRow(0xC0)]
    [DataRow(0x17)]
    [DataRow(0xBF)]
    [DataRow(0xF7)]
    [DataRow(0xD0)]
    [DataRow(0xC4)]
    [DataRow(0xDA)]
    public void TryDecode_MarkerThatCannotBeThereInTheData_IsRefused(int marker)
    {
        byte[] whole = File.ReadAllBytes(TemporaryImages.Write(300, 200, SKEncodedImageFormat.Jpeg));
        int middle = whole.Length * 2 / 3;
        byte[] damaged = [.. whole[..middle], 0xFF, (byte)marker, .. whole[(middle + 2)..]];

        AssertRefused(damaged);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void TryDecode_RestartIsMissingOrRepeated_IsRefused(bool isProgressive)
    {
        byte[] whole = Blocks(isProgressive, restarts: true);
        int second = Restart(1), third = Restart(2);

        AssertRefused([.. whole[..second], .. whole[third..]]);
        AssertRefused([.. whole[..third], .. whole[second..]]);

        int Restart(int number) => whole.AsSpan().IndexOf([(byte)0xFF, (byte)(0xD0 + number)]);
    }

    private static byte[] Blocks(bool isProgressive = false, bool restarts = false) => new FlatBlocksJpeg
    {
        // 40 blocks: the numbers of restarts start again at 0.
        Samples = [.. Enumerable.Range(0, 8).Select(y => Enumerable.Range(0, 5).Select(x => new byte[] { (byte)((40 * y) + x), 128, (byte)(50 * x) }).ToArray())],
        IsProgressive = isProgressive,
        RestartInterval = restarts ? RestartBlocks : 0,
    }.ToArray();

    private static void AssertDecodes(byte[] file)
    {
        string path = TemporaryImages.Write(file, ".jpg");
        Assert.IsTrue(ImageDecoder.TryDecode(path, out DecodedPicture? picture, out string? problem), problem);
        picture.Dispose();
        Assert.IsNull(ImageCheck.Describe(path));
    }

    private static void AssertRefused(byte[] file)
    {
        const string Expected = "is damaged: a marker stands within its data where none can be.";
        string path = TemporaryImages.Write(file, ".jpg");
        Assert.IsFalse(ImageDecoder.TryDecode(path, out _, out string? problem));
        Assert.AreEqual(Expected, problem);
        Assert.AreEqual(Expected, ImageCheck.Describe(path));
    }
}
