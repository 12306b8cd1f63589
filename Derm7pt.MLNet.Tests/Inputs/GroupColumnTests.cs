using Derm7pt.MLNet.Inputs;
using Microsoft.ML;

namespace Derm7pt.MLNet.Tests.Inputs;

[TestClass]
public sealed class GroupColumnTests
{
    private static readonly MLContext Ml = new(seed: 1);

    [TestMethod]
    [DataRow("Text")]
    [DataRow("Number")]
    [DataRow("Long")]
    [DataRow("Key")]
    public void Read_AnyType_GivesEqualValuesOneNumber(string column)
    {
        int[] groups = GroupColumn.Read(View(), column);

        Assert.HasCount(5, groups);
        Assert.AreEqual(groups[0], groups[3]);
        Assert.AreEqual(4, groups.Distinct().Count());
    }

    [TestMethod]
    [DataRow("Text")]
    [DataRow("Key")]
    public void Read_MissingValues_AreGroupsOfTheirOwn(string column)
    {
        IDataView view = Ml.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(Rows("a", "", "", "a"))
            .Transform(Rows("a", "", "", "a"));

        int[] groups = GroupColumn.Read(view, column);

        Assert.AreEqual(groups[0], groups[3]);
        Assert.AreEqual(3, groups.Distinct().Count());
    }

    [TestMethod]
    public void Read_NoSuchColumn_ListsThoseThereAre()
    {
        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => GroupColumn.Read(View(), "Patient")).Message;

        StringAssert.Contains(message, "Could not find group column 'Patient'. The data have Text, Number, Long, Share, Key.");
    }

    [TestMethod]
    public void Read_OtherType_SaysWhatIsExpected()
    {
        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => GroupColumn.Read(View(), "Share")).Message;

        StringAssert.Contains(message, "Schema mismatch for group column 'Share': expected text, a key of UInt32, Int32 or Int64, got Single.");
    }

    private static IDataView View()
    {
        IDataView rows = Rows("a", "b", "c", "a", "d");
        return Ml.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(rows).Transform(rows);
    }

    private static IDataView Rows(params string[] texts) => Ml.Data.LoadFromEnumerable(
        texts.Select(text => new Row { Text = text, Number = text.Length == 0 ? 0 : text[0], Long = text.Length == 0 ? 0 : text[0] }));

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public int Number { get; set; }

        public long Long { get; set; }

        public float Share { get; set; }
    }
}
