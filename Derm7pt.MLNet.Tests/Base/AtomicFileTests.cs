using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Tests.Training;

namespace Derm7pt.MLNet.Tests.Base;

[TestClass]
public sealed class AtomicFileTests
{
    [TestMethod]
    public void Write_ExistingFile_IsReplaced()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("file");
        AtomicFile.Write(path, "a long first content"u8.ToArray());

        AtomicFile.Write(path, "second"u8.ToArray());

        Assert.AreEqual("second", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void Write_FailsHalfway_LeavesTheLastGoodFile()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("file");
        AtomicFile.Write(path, "good"u8.ToArray());

        Assert.ThrowsExactly<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("ha"u8);
            throw new IOException("The disk is full.");
        }));

        Assert.AreEqual("good", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }
}
