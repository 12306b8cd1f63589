using System.Buffers.Binary;
using System.IO.Compression;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Onnx;
using Google.Protobuf;
using Microsoft.ML;

namespace Derm7pt.MLNet.Tests.Models;

[TestClass]
public sealed class ModelArchiveTests
{
    private static readonly byte[] Network = ModelFile.Write(TestModels.Small());
    private static readonly byte[] Foreign = new ModelProto { IrVersion = 8, Graph = new GraphProto { Name = "other" } }.ToByteArray();

    [TestMethod]
    [DataRow("TransformerChain/Transform_001/OnnxModel")]
    [DataRow(@"TransformerChain\Transform_001\OnnxModel")]
    [DataRow("OnnxModel")]
    public void ReadNetwork_OneOfOurs_GivesItsBytes(string name) =>
        CollectionAssert.AreEqual(
            Network, ModelArchive.ReadNetwork(Zip(("a/OnnxModel", Foreign), (name, Network), ("b", [1, 2, 3]))).ToArray());

    [TestMethod]
    [DataRow("../../../../../../../../../../tmp/derm7pt-slipped/OnnxModel")]
    [DataRow("/tmp/derm7pt-slipped/OnnxModel")]
    [DataRow(@"..\..\..\..\derm7pt-slipped\OnnxModel")]
    public void ReadNetwork_NameThatLeavesTheFolder_WritesNothing(string name)
    {
        CollectionAssert.AreEqual(Network, ModelArchive.ReadNetwork(Zip((name, Network))).ToArray());

        Assert.IsFalse(Directory.Exists("/tmp/derm7pt-slipped"));
    }

    [TestMethod]
    public void Read_SavedBySomebodyElse_SaysWhatIsMissing()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(new[] { new Row { Text = "x" } });
        using var file = new MemoryStream();
        ml.Model.Save(ml.Transforms.CopyColumns("Copy", "Text").Fit(data), data.Schema, file);

        Refused(file.ToArray(), "holds no stage of Derm7pt.MLNet");
        Refused(Zip(("OnnxModel", Foreign)), "holds no stage of Derm7pt.MLNet");
        Refused(Zip(), "holds no stage of Derm7pt.MLNet");
    }

    [TestMethod]
    public void Read_TwoOfOurs_NamesBoth() =>
        Refused(Zip(("a/OnnxModel", Network), ("b/OnnxModel", Network)), "expected one stage of Derm7pt.MLNet, got two: 'a/OnnxModel' and 'b/OnnxModel'");

    [TestMethod]
    public void Read_EntryThatIsNoNetwork_NamesIt() => Refused(Zip(("a/OnnxModel", [9, 9, 9])), "'a/OnnxModel' is no ONNX model");

    [TestMethod]
    public void Read_EntryWithAnotherLengthInside_SaysWhichIsExpected()
    {
        byte[] zip = Zip(("a/OnnxModel", Foreign));
        using (var file = new MemoryStream())
        {
            file.Write(zip);
            using (var archive = new ZipArchive(file, ZipArchiveMode.Update, leaveOpen: true))
            {
                using Stream stream = archive.Entries[0].Open();
                stream.WriteByte(0xFF);
            }

            zip = file.ToArray();
        }

        Refused(zip, $"must begin with the length of what follows, {Foreign.Length}, got 255");
    }

    [TestMethod]
    public void Read_TruncatedZip_IsRefused()
    {
        byte[] zip = Zip(("a/OnnxModel", Network));
        for (int length = 4; length < zip.Length; length += 211)
            Refused(zip[..length], "the zip file is damaged");
    }

    [TestMethod]
    public void Read_EntryThatDeclaresTooMuch_IsRefused() =>
        Refused(WithDeclaredSize(Zip(("a/OnnxModel", Network)), int.MaxValue), "declares 2147483647 bytes, at most 536870912 are allowed");

    [TestMethod]
    public void Read_EntryThatHoldsMoreThanItDeclares_IsRefused()
    {
        byte[] bomb = WithDeclaredSize(Zip(("a/OnnxModel", new byte[50_000_000])), 1000);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.ThrowsExactly<Derm7ptModelException>(() => ModelFile.Read(bomb, "bomb"));

        Assert.IsLessThan(5_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Read_EntryThatHoldsLessThanItDeclares_IsRefused() =>
        Assert.ThrowsExactly<Derm7ptModelException>(
            () => ModelFile.Read(WithDeclaredSize(Zip(("a/OnnxModel", Network)), Network.Length + 5), "short"));

    [TestMethod]
    public void Read_TooManyEntries_IsRefusedBeforeTheyAreListed()
    {
        byte[] zip = [.. "PK\u0003\u0004"u8, .. Enumerable.Repeat("PK\u0001\u0002"u8.ToArray(), 70_000).SelectMany(signature => signature)];
        Refused(zip, "more than 65535 entries");
    }

    private static void Refused(byte[] file, string expected) =>
        StringAssert.Contains(Assert.ThrowsExactly<Derm7ptModelException>(() => ModelFile.Read(file, "broken")).Problem, expected);

    private static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
            {
                using Stream stream = zip.CreateEntry(name).Open();
                // This is the form that ML.NET writes.
                stream.Write(BitConverter.GetBytes(content.Length));
                stream.Write(content);
            }
        }

        return file.ToArray();
    }

    /// <summary>Changes the uncompressed size of the only entry in the central directory.</summary>
    private static byte[] WithDeclaredSize(byte[] zip, int size)
    {
        int header = zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteInt32LittleEndian(zip.AsSpan(header + 24), size);
        return zip;
    }

    private sealed class Row
    {
        public string Text { get; set; } = string.Empty;
    }
}
