using Derm7pt.MLNet.Inputs;

namespace Derm7pt.MLNet.Tests.Inputs;

[TestClass]
public sealed class ByteStoreTests
{
    private const int ItemBytes = 6 << 20;

    [TestMethod]
    [DataRow(1L << 40, 0)]
    [DataRow(40L << 20, 2)]
    [DataRow(0L, 3)]
    public void Add_AnyBudget_KeepsEveryItemAndMapsWhatIsAbove(long budget, int expectedMappedChunks)
    {
        using var store = new ByteStore("items", ItemBytes, budget);
        for (byte i = 0; i < 12; i++)
            Assert.AreEqual(i, store.Add(Item(i)));

        for (byte i = 0; i < 12; i++)
            Assert.IsTrue(store[i].SequenceEqual(Item(i)), $"item {i}");
        // Five items of 6 MB fit into a chunk of 32 MB; twelve take three chunks.
        Assert.AreEqual(expectedMappedChunks * 5L * ItemBytes, store.MappedBytes);
    }

    [TestMethod]
    public void Add_SeveralThreads_EveryItemHasASlotOfItsOwn()
    {
        using var store = new ByteStore("items", 1024, 1L << 30);
        var slots = new int[200];
        Parallel.For(0, 200, i => slots[i] = store.Add(Enumerable.Repeat((byte)i, 1024).ToArray()));

        CollectionAssert.AllItemsAreUnique(slots);
        for (int i = 0; i < 200; i++)
            Assert.AreEqual((byte)i, store[slots[i]][1023]);
    }

    [TestMethod]
    public void Dispose_MappedItems_LeavesNoFile()
    {
        string[] before = Files();
        using (var store = new ByteStore("items", ItemBytes, 0))
        {
            store.Add(Item(1));
            Assert.IsGreaterThan(0, store.MappedBytes);
        }

        Assert.IsEmpty(Files().Except(before));
        static string[] Files() => Directory.GetFiles(Path.GetTempPath(), "derm7pt-items-*");
    }

    [TestMethod]
    public void Add_WrongLength_Throws()
    {
        using var store = new ByteStore("items", 10, 1000);
        Assert.ThrowsExactly<ArgumentException>(() => store.Add(new byte[9]));
    }

    [TestMethod]
    public void Indexer_BeyondTheLast_Throws()
    {
        using var store = new ByteStore("items", 10, 1000);
        store.Add(new byte[10]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => store[1].Length);
    }

    private static byte[] Item(byte value)
    {
        var item = new byte[ItemBytes];
        Array.Fill(item, value);
        item[0] = (byte)(value + 100);
        return item;
    }
}
