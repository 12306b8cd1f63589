using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Tasks;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Inputs;

[TestClass]
public sealed class LabelledImagesTests
{
    private static TinyRun Run => TinyRun.Shared;

    [TestMethod]
    public void Read_ParallelCursors_KeepsTheOrderOfTheData()
    {
        int read = 0;
        using LabelledImages images = LabelledImages.Read(
            Run.Images.Transform(Run.Release.All), "Image", Taxonomy.Derm7pt, DataRoles.Training, 1L << 30, () => Interlocked.Increment(ref read), default);

        Assert.AreEqual(90, images.Count);
        Assert.AreEqual(90, read);
        foreach ((ClassificationTask task, int[] labels) in Taxonomy.Derm7pt.Tasks.Zip(images.Labels.Columns))
        {
            CollectionAssert.AreEqual(
                Run.Release.All.GetColumn<uint>(task.Name).Select(key => (int)key - 1).ToArray(), labels, task.Name);
        }

        // The reference decodes image by image, independently of the library.
        using IEnumerator<MLImage> oracle = Run.Images.Transform(Run.Release.All).GetColumn<MLImage>("Image").GetEnumerator();
        for (int i = 0; oracle.MoveNext(); i++)
            Assert.IsTrue(Planar(oracle.Current).SequenceEqual(images[i]), $"image {i}");
    }

    [TestMethod]
    public void Subset_Cases_AreThoseOfTheWhole()
    {
        using LabelledImages all = LabelledImages.Read(
            Run.Images.Transform(Run.Release.Test), "Image", Taxonomy.Derm7pt, DataRoles.Training, 1L << 30, null, default);
        LabelledImages subset = all.Subset([5, 2, 5]);

        Assert.AreEqual(3, subset.Count);
        Assert.IsTrue(subset[1].SequenceEqual(all[2]));
        Assert.IsTrue(subset[2].SequenceEqual(all[5]));
        Assert.AreEqual(all.Labels.Columns[3][2], subset.Labels.Columns[3][1]);
    }

    [TestMethod]
    public void Read_Cancelled_Throws()
    {
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => LabelledImages.Read(
            Run.Images.Transform(Run.Release.All), "Image", Taxonomy.Derm7pt, DataRoles.Training, 1L << 30, cancellation.Cancel, cancellation.Token));
    }

    [TestMethod]
    public void Read_MissingKeys_AreMissingLabels()
    {
        var columns = new ColumnarDataView.Builder(3)
            .Add("Pixels", new VectorDataViewType(NumberDataViewType.Single, 3, 2, 2), (int row, ref VBuffer<float> value) =>
                value = new VBuffer<float>(12, Enumerable.Repeat(row / 255f, 12).ToArray()));
        foreach (ClassificationTask task in Taxonomy.Derm7pt.Tasks)
            columns.AddKey(task.Name, [0, 1, 2], [.. task.Labels.Select(label => label.Name)]);

        using LabelledImages images = LabelledImages.Read(columns.Build(), "Pixels", Taxonomy.Derm7pt, DataRoles.Training, 1L << 30, null, default);

        CollectionAssert.AreEqual(new[] { LabelTable.Missing, 0, 1 }, images.Labels.Columns[0]);
        Assert.AreEqual(2, images[2][0], "pixel vectors in [0, 1] become bytes again");
    }

    [TestMethod]
    public void Read_PixelsOutsideZeroToOne_TellsTheValueAndTheRemedy()
    {
        var columns = new ColumnarDataView.Builder(1)
            .Add("Pixels", new VectorDataViewType(NumberDataViewType.Single, 3, 2, 2), (int _, ref VBuffer<float> value) =>
                value = new VBuffer<float>(12, Enumerable.Repeat(17f, 12).ToArray()));
        foreach (ClassificationTask task in Taxonomy.Derm7pt.Tasks)
            columns.AddKey(task.Name, [1], [.. task.Labels.Select(label => label.Name)]);

        var e = Assert.ThrowsExactly<InvalidDataException>(
            () => LabelledImages.Read(columns.Build(), "Pixels", Taxonomy.Derm7pt, DataRoles.Training, 1L << 30, null, default));

        StringAssert.Contains(e.Message, "Row 0: column 'Pixels' could not be read: It holds the value 17");
        StringAssert.Contains(e.Message, "scaleImage: 1/255f");
    }

    private static byte[] Planar(MLImage image)
    {
        byte[] pixels = image.Pixels.ToArray();
        int[] offsets = image.PixelFormat == MLPixelFormat.Bgra32 ? [2, 1, 0] : [0, 1, 2];
        return [.. offsets.SelectMany(offset => Enumerable.Range(0, pixels.Length / 4).Select(i => pixels[(4 * i) + offset]))];
    }
}
