using Derm7pt.MLNet.Network;
using Derm7pt.MLNet.Persistence;

namespace Derm7pt.MLNet.Tests.Persistence;

[TestClass]
public sealed class MergedGroupsTests
{
    [TestMethod]
    [DataRow(8, 4, 8, 4, DisplayName = "block 2 of the default width")]
    [DataRow(8, 8, 16, 8, DisplayName = "block 3 of the default width is wide enough")]
    [DataRow(8, 2, 4, 2, DisplayName = "block 2 of half the width")]
    [DataRow(8, 1, 4, 8, DisplayName = "too narrow to be worth it")]
    [DataRow(7, 4, 8, 7, DisplayName = "tasks that cannot be paired")]
    [DataRow(8, 3, 8, 8, DisplayName = "no whole blocks")]
    [DataRow(6, 8, 4, 3, DisplayName = "inputs decide")]
    [DataRow(1, 2, 3, 1, DisplayName = "block 1")]
    public void Merge_Widths_GivesWholeChannelBlocksWhereItCan(int groups, int channels, int inputs, int expectedGroups)
    {
        FoldedBlock block = Block(groups, channels, inputs);

        FoldedBlock merged = MergedGroups.Merge(block);

        Assert.AreEqual(expectedGroups, merged.Groups);
        CollectionAssert.AreEqual(new long[] { groups * channels, inputs * groups / expectedGroups, 2, 3 }, merged.Kernel.Shape);
        CollectionAssert.AreEqual(block.Kernel.Values, MergedGroups.Split(block, merged.Kernel.Values));
    }

    [TestMethod]
    public void Merge_Pairs_ReadWhatTheyReadBefore()
    {
        FoldedBlock block = Block(groups: 8, channels: 4, inputs: 8);

        FoldedBlock merged = MergedGroups.Merge(block);

        // Weights by the channel that they read, whatever the groups.
        for (int output = 0; output < 32; output++)
            CollectionAssert.AreEqual(Dense(block, output), Dense(merged, output), $"output {output}");
    }

    private static float[] Dense(FoldedBlock block, int output)
    {
        int channels = (int)block.Kernel.Shape[0] / block.Groups, inputs = (int)block.Kernel.Shape[1], area = 6;
        var dense = new float[block.Groups * inputs * area];
        Array.Copy(block.Kernel.Values, output * inputs * area, dense, output / channels * inputs * area, inputs * area);
        return dense;
    }

    private static FoldedBlock Block(int groups, int channels, int inputs)
    {
        float[] values = [.. Enumerable.Range(1, groups * channels * inputs * 6).Select(value => (float)value)];
        return new FoldedBlock(null, null, new NamedTensor("kernel", [groups * channels, inputs, 2, 3], values), Stride: 1, groups);
    }
}
