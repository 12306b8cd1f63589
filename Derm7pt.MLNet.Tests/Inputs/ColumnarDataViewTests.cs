using System.Collections.Concurrent;
using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Inputs;

[TestClass]
public sealed class ColumnarDataViewTests
{
    [TestMethod]
    public void GetRowCursor_TwoAtOnce_AreIndependent()
    {
        ColumnarDataView view = NumberView(40);
        using DataViewRowCursor one = view.GetRowCursor(view.Schema);
        using DataViewRowCursor other = view.GetRowCursor(view.Schema);
        ValueGetter<float> oneValue = one.GetGetter<float>(view.Schema["Number"]);
        ValueGetter<float> otherValue = other.GetGetter<float>(view.Schema["Number"]);

        one.MoveNext();
        one.MoveNext();
        other.MoveNext();

        float value = -1;
        oneValue(ref value);
        Assert.AreEqual(1f, value);
        otherValue(ref value);
        Assert.AreEqual(0f, value);
        Assert.AreEqual((1L, 0L), (one.Position, other.Position));
    }

    [TestMethod]
    public void MoveNext_AfterTheLastRow_StaysFalse()
    {
        ColumnarDataView view = NumberView(1);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        ValueGetter<float> getter = cursor.GetGetter<float>(view.Schema["Number"]);
        float value = 0;

        Assert.AreEqual(-1, cursor.Position);
        Assert.IsTrue(cursor.MoveNext());
        Assert.IsFalse(cursor.MoveNext());
        Assert.IsFalse(cursor.MoveNext());
        Assert.AreEqual(-1, cursor.Position);
        Assert.ThrowsExactly<InvalidOperationException>(() => getter(ref value));
    }

    // The contract of a cursor set: every row once, batch numbers never decrease within a cursor and never occur in two cursors, and a
    // stable sort by them gives the order of the single cursor.
    [TestMethod]
    [DataRow(0, 4, false)]
    [DataRow(1, 4, false)]
    [DataRow(16, 4, false)]
    [DataRow(17, 4, false)]
    [DataRow(1011, 4, false)]
    [DataRow(1011, 7, true)]
    [DataRow(100, 1, true)]
    [DataRow(100, 0, true)]
    [DataRow(50, 99, true)]
    public void GetRowCursorSet_AnySize_IsThePartitionedSingleCursor(int rows, int n, bool shuffled)
    {
        ColumnarDataView view = NumberView(rows);
        using DataViewRowCursor single = view.GetRowCursor(view.Schema, shuffled ? new Random(3) : null);
        List<(long, float Number, DataViewRowId Id)> expected = Rows(single);

        DataViewRowCursor[] set = view.GetRowCursorSet(view.Schema, n, shuffled ? new Random(3) : null);
        List<List<(long Batch, float Number, DataViewRowId Id)>> parts = [.. set.AsParallel().AsOrdered().Select(Rows)];

        Assert.IsTrue(set.Length >= 1 && (n <= 0 || set.Length <= n));
        foreach (List<(long Batch, float, DataViewRowId)> part in parts)
            CollectionAssert.AreEqual(part.Select(row => row.Batch).Order().ToArray(), part.Select(row => row.Batch).ToArray());
        Assert.AreEqual(
            parts.SelectMany(part => part.Select(row => row.Batch)).Distinct().Count(),
            parts.Sum(part => part.Select(row => row.Batch).Distinct().Count()));
        CollectionAssert.AreEqual(
            expected.Select(row => (row.Number, row.Id)).ToArray(),
            parts.SelectMany(part => part).OrderBy(row => row.Batch).Select(row => (row.Number, row.Id)).ToArray());
    }

    [TestMethod]
    public void GetRowCursorSet_CursorsThatAdvanceInTurn_ShareTheRowsEqually()
    {
        ColumnarDataView view = NumberView(1011);
        DataViewRowCursor[] set = view.GetRowCursorSet(view.Schema, 4);
        var sizes = new int[4];
        for (bool any = true; any;)
        {
            any = false;
            for (int i = 0; i < 4; i++)
            {
                if (set[i].MoveNext())
                    (any, sizes[i]) = (true, sizes[i] + 1);
            }
        }

        Assert.HasCount(4, set);
        Assert.AreEqual(1011, sizes.Sum());
        Assert.IsLessThanOrEqualTo(16, sizes.Max() - sizes.Min());
    }

    [TestMethod]
    public void GetRowCursorSet_CursorThatRests_HoldsUpNoRows()
    {
        ColumnarDataView view = NumberView(1011);
        DataViewRowCursor[] set = view.GetRowCursorSet(view.Schema, 2);

        Assert.IsTrue(set[0].MoveNext());
        int rowsOfOther = Rows(set[1]).Count, rowsLeft = 0;
        while (set[0].MoveNext())
            rowsLeft++;

        Assert.AreEqual(1010, rowsOfOther + rowsLeft);
        Assert.IsLessThan(16, rowsLeft);
    }

    [TestMethod]
    public void GetRowCursor_Shuffled_IsARepeatablePermutation()
    {
        ColumnarDataView view = NumberView(200);
        float[] Numbers(int seed) => [.. Rows(view.GetRowCursor(view.Schema, new Random(seed))).Select(row => row.Number)];

        CollectionAssert.AreEqual(Numbers(1), Numbers(1));
        CollectionAssert.AreNotEqual(Numbers(1), Numbers(2));
        CollectionAssert.AreEqual(Enumerable.Range(0, 200).Select(i => (float)i).ToArray(), Numbers(1).Order().ToArray());
    }

    [TestMethod]
    public void Subset_OfASubset_HasItsRowsInOrderAndUniqueIds()
    {
        ColumnarDataView subset = NumberView(10).Subset([9, 3, 3, 5]).Subset([0, 1, 2]);
        List<(long, float Number, DataViewRowId Id)> rows = Rows(subset.GetRowCursor(subset.Schema));

        CollectionAssert.AreEqual(new[] { 9f, 3f, 3f }, rows.Select(row => row.Number).ToArray());
        Assert.HasCount(3, rows.Select(row => row.Id).Distinct().ToArray());
        Assert.AreEqual(3, subset.GetRowCount());
    }

    [TestMethod]
    public void GetGetter_WrongTypeOrInactiveColumn_SaysSo()
    {
        ColumnarDataView view = NumberView(3);
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Number"]]);

        Assert.IsTrue(cursor.IsColumnActive(view.Schema["Number"]));
        Assert.IsFalse(cursor.IsColumnActive(view.Schema["Text"]));
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<int>(view.Schema["Number"])).Message,
            "expected System.Single, got System.Int32");
        Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Text"]));
        Assert.ThrowsExactly<ArgumentException>(() => cursor.IsColumnActive(NumberView(1, "Other").Schema["Other"]));
    }

    [TestMethod]
    public void Add_ColumnThatDoesNotFit_Throws()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new ColumnarDataView.Builder(2).AddSingle("A", [1]));
        Assert.ThrowsExactly<ArgumentException>(() => new ColumnarDataView.Builder(1).AddSingle("A", [1]).AddSingle("A", [1]));
        Assert.ThrowsExactly<ArgumentException>(() => new ColumnarDataView.Builder(1).Add("A", NumberDataViewType.Int32, [1f]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ColumnarDataView.Builder(1).AddKey("A", [3], ["x", "y"]));
    }

    [TestMethod]
    public void Add_VectorColumn_IsReadByMLNet()
    {
        ColumnarDataView view = new ColumnarDataView.Builder(2)
            .Add("Vector", new VectorDataViewType(NumberDataViewType.Single, 2), (int row, ref VBuffer<float> value) =>
            {
                VBufferEditor<float> editor = VBufferEditor.Create(ref value, 2);
                (editor.Values[0], editor.Values[1]) = (row, -row);
                value = editor.Commit();
            })
            .Build();

        float[][] rows = [.. view.GetColumn<float[]>("Vector")];
        CollectionAssert.AreEqual(new[] { 1f, -1f }, rows[1]);
    }

    // A filter and a copy are ML.NET's own row-to-row stages; the cache reads with cursor sets if it can.
    [TestMethod]
    public void MLNetStages_OnTop_KeepTheOrder()
    {
        var context = new MLContext(seed: 1);
        IDataView filtered = context.Data.FilterRowsByColumn(NumberView(300), "Number", lowerBound: 100);
        IDataView copied = context.Transforms.CopyColumns("Copy", "Number").Fit(filtered).Transform(filtered);
        IDataView cached = context.Data.Cache(copied, "Copy");

        CollectionAssert.AreEqual(
            Enumerable.Range(100, 200).Select(i => (float)i).ToArray(), cached.GetColumn<float>("Copy").ToArray());
        Assert.AreEqual(200, context.Data.ShuffleRows(copied).GetColumn<float>("Copy").Distinct().Count());
    }

    // A row-to-row stage opens a cursor set and consolidates it by batch, so that images are decoded in parallel.
    [TestMethod]
    public void MLNetRowToRowStage_OnTop_ReadsOnSeveralThreadsInOrder()
    {
        var threads = new ConcurrentDictionary<int, bool>();
        ColumnarDataView view = new ColumnarDataView.Builder(100)
            .Add("Slow", NumberDataViewType.Single, (int row, ref float value) =>
            {
                threads.TryAdd(Environment.CurrentManagedThreadId, true);
                Thread.Sleep(1);
                value = row;
            })
            .Build();
        IDataView copied = new MLContext().Transforms.CopyColumns("Copy", "Slow").Fit(view).Transform(view);

        CollectionAssert.AreEqual(
            Enumerable.Range(0, 100).Select(i => (float)i).ToArray(), copied.GetColumn<float>("Copy").ToArray());
        Assert.IsGreaterThanOrEqualTo(2, threads.Count);
    }

    private static ColumnarDataView NumberView(int rows, string name = "Number") =>
        new ColumnarDataView.Builder(rows)
            .AddSingle(name, [.. Enumerable.Range(0, rows).Select(i => (float)i)])
            .AddText("Text", [.. Enumerable.Range(0, rows).Select(i => $"row {i}")])
            .Build();

    private static List<(long Batch, float Number, DataViewRowId Id)> Rows(DataViewRowCursor cursor)
    {
        ValueGetter<float> number = cursor.GetGetter<float>(cursor.Schema["Number"]);
        ValueGetter<ReadOnlyMemory<char>> text = cursor.GetGetter<ReadOnlyMemory<char>>(cursor.Schema["Text"]);
        ValueGetter<DataViewRowId> id = cursor.GetIdGetter();
        var rows = new List<(long, float, DataViewRowId)>();
        using (cursor)
        {
            while (cursor.MoveNext())
            {
                (float n, ReadOnlyMemory<char> t, DataViewRowId i) = (0, default, default);
                number(ref n);
                text(ref t);
                id(ref i);
                Assert.AreEqual($"row {n}", t.ToString());
                Assert.AreEqual(rows.Count, cursor.Position);
                rows.Add((cursor.Batch, n, i));
            }
        }

        return rows;
    }
}
