using Derm7pt.MLNet.Synthetic;

namespace Derm7pt.MLNet.Tests.Synthetic;

[TestClass]
public sealed class SyntheticLesionTests
{
    private const int Width = 192;
    private const int Height = 128;

    private static IEnumerable<(int Task, int Label)> EveryLabel =>
        Taxonomy.Derm7pt.Tasks.SelectMany((task, index) => Enumerable.Range(0, task.Labels.Count).Select(label => (index, label)));

    [TestMethod]
    [DynamicData(nameof(EveryLabel))]
    public void Render_OneLabel_MasksIt(int task, int label)
    {
        int[] labels = LabelsWith(task, label);

        RenderedLesion lesion = SyntheticLesion.Render(labels, seed: 3, Width, Height);

        for (int other = 0; other < labels.Length; other++)
        {
            ClassificationTask own = Taxonomy.Derm7pt.Tasks[other];
            ReadOnlySpan<byte> mask = lesion.Mask(own.Name).Span;
            Assert.AreEqual(Width * Height, mask.Length);
            bool drawn = own.Kind == TaskKind.Diagnosis || labels[other] > 0;
            Assert.AreEqual(drawn, mask.Contains((byte)1), own.Name);
            for (int i = 0; i < mask.Length; i++)
            {
                if (mask[i] != 0)
                    Assert.IsTrue(mask[i] == 1 && i % Width is >= 32 and < 160, "Structures lie within the central square.");
            }
        }

        Assert.IsTrue(Taxonomy.Derm7pt.Tasks[task].TryGetLabel(lesion.RawValues[task], out int rawLabel));
        Assert.AreEqual(label, rawLabel);
    }

    [TestMethod]
    [DynamicData(nameof(EveryLabel))]
    public void Render_OneCriterionPresent_ChangesThePictureInsideItsMask(int task, int label)
    {
        if (label == 0 || Taxonomy.Derm7pt.Tasks[task].Kind == TaskKind.Diagnosis)
            return;

        RenderedLesion without = SyntheticLesion.Render(LabelsWith(task, 0), seed: 4, Width, Height);
        RenderedLesion with = SyntheticLesion.Render(LabelsWith(task, label), seed: 4, Width, Height);

        ReadOnlySpan<byte> mask = with.Mask(Taxonomy.Derm7pt.Tasks[task].Name).Span;
        double inside = 0, outside = 0;
        int area = 0;
        for (int i = 0; i < mask.Length; i++)
        {
            int difference = 0;
            for (int channel = 0; channel < 3; channel++)
                difference += Math.Abs(with.Rgb.Span[(3 * i) + channel] - without.Rgb.Span[(3 * i) + channel]);
            if (mask[i] == 1)
                (inside, area) = (inside + difference, area + 1);
            else
                outside += difference;
        }

        // Irregular vessels have a milky background and borders are soft, so some pixels around the mask change as well.
        Assert.IsGreaterThan(40, inside / area);
        Assert.IsLessThan(8, outside / (mask.Length - area));
    }

    [TestMethod]
    public void Render_SameSeed_IsIdentical()
    {
        int[] labels = [2, 2, 1, 2, 2, 2, 2, 1];

        byte[] first = SyntheticLesion.Render(labels, seed: 9, Width, Height).ToPng();
        byte[] again = SyntheticLesion.Render(labels, seed: 9, Width, Height).ToPng();
        byte[] other = SyntheticLesion.Render(labels, seed: 10, Width, Height).ToPng();

        CollectionAssert.AreEqual(first, again);
        CollectionAssert.AreNotEqual(first, other);
    }

    [TestMethod]
    public void Render_LabelsOutOfRange_NamesEveryTask()
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => SyntheticLesion.Render([5, 0, 2, 0, 0, 0, 0, -1], seed: 1, width: 1));

        foreach (string part in new[] { "'Diagnosis' must lie between 0 and 4, got 5", "'BlueWhitishVeil'", "'RegressionStructures'", "Width must" })
            StringAssert.Contains(e.Message, part);
    }

    [TestMethod]
    public void Mask_UnknownTask_NamesTheTasksThereAre()
    {
        RenderedLesion lesion = SyntheticLesion.Render([1, 0, 0, 0, 0, 0, 0, 0], seed: 1, width: 32, height: 32);

        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => lesion.Mask("Colour"));

        StringAssert.Contains(e.Message, "PigmentNetwork");
    }

    private static int[] LabelsWith(int task, int label)
    {
        int[] labels = [1, 0, 0, 0, 0, 0, 0, 0];
        labels[task] = label;
        return labels;
    }
}
