using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Tests.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Scoring;

[TestClass]
public sealed class ScoredDataViewTests
{
    private const int Length = 3 * TestModels.Height * TestModels.Width;

    [TestMethod]
    [DataRow(1, 32)]
    [DataRow(5, 2)]
    [DataRow(12, 4)]
    [DataRow(33, 32)]
    [DataRow(50, 7)]
    public void Transform_Batches_ScoresAsRowByRow(int rows, int batchSize)
    {
        IDataView view = View(rows);
        using Derm7ptMultiTaskTransformer single = Transformer(view, batchSize: 1), batched = Transformer(view, batchSize);

        TinyRun.AssertEqual(Scores(single.Transform(view)), Scores(batched.Transform(view)), 1e-6f);
        CollectionAssert.AreEqual(
            Enumerable.Range(0, rows).Select(row => (float)row).ToArray(), batched.Transform(view).GetColumn<float>("Row").ToArray());
    }

    [TestMethod]
    public void Transform_UnreadableRow_ComesAfterTheBatchesBeforeIt()
    {
        IDataView view = View(20, broken: 13);
        using Derm7ptMultiTaskTransformer transformer = Transformer(view, batchSize: 4);
        IDataView scored = transformer.Transform(view);
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["StreaksScore"]]);

        for (int row = 0; row < 12; row++)
            Assert.IsTrue(cursor.MoveNext());
        var e = Assert.ThrowsExactly<InvalidDataException>(() => cursor.MoveNext());

        StringAssert.Contains(e.Message, "Row 13: column 'Image' could not be read: It holds the value 2, expected pixels in [0, 1]");
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(5)]
    [DataRow(20)]
    public void Transform_CursorDisposed_LeavesNoCursorOpen(int rowsRead)
    {
        var view = new WatchedView(View(20));
        using Derm7ptMultiTaskTransformer transformer = Transformer(view, batchSize: 4);
        IDataView scored = transformer.Transform(view);

        using (DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema))
        {
            for (int row = 0; row < rowsRead; row++)
                Assert.IsTrue(cursor.MoveNext());
        }

        Assert.AreEqual(0, view.OpenCursors);
    }

    [TestMethod]
    public void GetRowCursor_InputThatOpensOneCursorOnly_LeavesItNotOpen()
    {
        var view = new WatchedView(View(20), cursorLimit: 1);
        using Derm7ptMultiTaskTransformer transformer = Transformer(view, batchSize: 4);
        IDataView scored = transformer.Transform(view);

        Assert.ThrowsExactly<IOException>(() => scored.GetRowCursor(scored.Schema));

        Assert.AreEqual(0, view.OpenCursors);
    }

    [TestMethod]
    public void Transform_OnlyColumnsOfTheInputAsked_ReadsNoPixels()
    {
        var view = new WatchedView(View(20, broken: 0));
        using Derm7ptMultiTaskTransformer transformer = Transformer(view, batchSize: 4);

        Assert.AreEqual(20, transformer.Transform(view).GetColumn<float>("Row").Count());
        Assert.AreEqual(1, view.OpenedCursors);
    }

    private static Derm7ptMultiTaskTransformer Transformer(IDataView view, int batchSize) =>
        new(TestModels.Small(), "Image", view.Schema, batchSize);

    private static float[][] Scores(IDataView scored) =>
    [
        .. TinyRun.Vectors(scored, "DiagnosisScore").Zip(
            TinyRun.Vectors(scored, "StreaksScore"), scored.GetColumn<float>("MelanomaProbability"))
            .Select(row => (float[])[.. row.First, .. row.Second, row.Third]),
    ];

    /// <summary>Creates different noise for every row.</summary>
    private static ColumnarDataView View(int rows, int broken = -1) => new ColumnarDataView.Builder(rows)
        .AddSingle("Row", [.. Enumerable.Range(0, rows).Select(row => (float)row)])
        .Add(
            "Image",
            new VectorDataViewType(NumberDataViewType.Single, 3, TestModels.Height, TestModels.Width),
            (int row, ref VBuffer<float> value) =>
            {
                var random = new Random(row);
                float[] pixels = [.. Enumerable.Range(0, Length).Select(_ => random.NextSingle())];
                if (row == broken)
                    pixels[^1] = 2;
                value = new VBuffer<float>(Length, pixels);
            })
        .Build();
}
