using Derm7pt.MLNet.Onnx;
using Google.Protobuf;

namespace Derm7pt.MLNet.Tests.Onnx;

[TestClass]
public sealed class ProtobufReaderTests
{
    [TestMethod]
    public void Next_MessageOfTheRealLibrary_GivesItsFields()
    {
        byte[] message = new TensorProto { Name = "x", DataType = 7, Dims = { 300, -1 }, RawData = ByteString.CopyFrom(1, 2, 3) }.ToByteArray();
        var reader = new ProtobufReader(message);

        Assert.IsTrue(reader.Next());
        Assert.AreEqual(TensorProto.DimsFieldNumber, reader.Field);
        var packed = new ProtobufReader(reader.Payload);
        Assert.IsTrue(packed.NextPacked(out long first));
        Assert.IsTrue(packed.NextPacked(out long second));
        Assert.IsFalse(packed.NextPacked(out _));
        Assert.AreEqual((300, -1), (first, second));
        Assert.IsTrue(reader.Next());
        Assert.AreEqual((TensorProto.DataTypeFieldNumber, 7), (reader.Field, reader.Number));
        Assert.IsTrue(reader.Next());
        CollectionAssert.AreEqual("x"u8.ToArray(), reader.Payload.ToArray());
        Assert.IsTrue(reader.Next());
        Assert.AreEqual(TensorProto.RawDataFieldNumber, reader.Field);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, reader.Payload.ToArray());
        Assert.IsFalse(reader.Next());
    }

    [TestMethod]
    public void Next_FixedWidthFields_ArePassedOver()
    {
        var reader = new ProtobufReader(new byte[] { 0x0D, 1, 2, 3, 4, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x18, 9 });
        Assert.IsTrue(reader.Next() && reader.Next() && reader.Next());
        Assert.AreEqual((3, 9), (reader.Field, reader.Number));
    }

    [TestMethod]
    [DataRow(new byte[] { 0x00 }, "tag 0")]
    [DataRow(new byte[] { 0x80 }, "ends within a number")]
    [DataRow(new byte[] { 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 }, "more than 10 bytes")]
    [DataRow(new byte[] { 0x0A, 0x05, 1, 2 }, "declares 5 bytes, and 2 are left")]
    [DataRow(new byte[] { 0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 }, "declares 18446744073709551615 bytes, and 0 are left")]
    [DataRow(new byte[] { 0x09, 1 }, "declares 8 bytes, and 1 are left")]
    [DataRow(new byte[] { 0x0B }, "unknown wire type 3")]
    public void Next_NoMessage_SaysWhy(byte[] bytes, string expected) =>
        StringAssert.Contains(Assert.ThrowsExactly<FormatException>(() => new ProtobufReader(bytes).Next()).Message, expected);

    [TestMethod]
    public void Payload_OfANumber_Throws() => Assert.ThrowsExactly<FormatException>(() =>
    {
        var reader = new ProtobufReader(new byte[] { 0x08, 1 });
        reader.Next();
        return reader.Payload;
    });
}
